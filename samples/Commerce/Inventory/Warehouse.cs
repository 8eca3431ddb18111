using Commerce.SharedKernel;

namespace Commerce.Inventory;

[Id<Guid>]
public readonly partial record struct WarehouseId
{
    /// <summary>The warehouse that serves orders by default.</summary>
    public static WarehouseId Main { get; } = new(NameBasedId.Of("warehouse", "main"));
}

public enum WarehouseStatus
{
    Active,
    Inactive,
    Maintenance,
}

[Event("warehouse.opened")]
public sealed record WarehouseOpened(WarehouseId Warehouse, string Name, Location Location, DateTimeOffset OccurredAt);

[Event("warehouse.status-changed")]
public sealed record WarehouseStatusChanged(WarehouseId Warehouse, WarehouseStatus Status, DateTimeOffset OccurredAt);

/// <summary>The location of a warehouse.</summary>
public sealed record Location(Address Address, double? Latitude = null, double? Longitude = null);

/// <summary>The state of a warehouse. A warehouse that is not open yet has no name.</summary>
public sealed record WarehouseState(string? Name = null, WarehouseStatus Status = WarehouseStatus.Inactive);

/// <summary>A place where stock is kept.</summary>
[Decider("warehouse")]
public static partial class Warehouse
{
    public static WarehouseState Initial { get; } = new();

    public static WarehouseState Evolve(WarehouseState state, WarehouseOpened opened) =>
        new(opened.Name, WarehouseStatus.Active);

    public static WarehouseState Evolve(WarehouseState state, WarehouseStatusChanged changed) =>
        state with
        {
            Status = changed.Status,
        };

    public static WarehouseOpened Decide(OpenWarehouse command, WarehouseState state, ShopClock clock)
    {
        if (state.Name is not null)
            throw new AggregateExistsException(nameof(Warehouse), Decider.StreamOf(command.Warehouse));
        return string.IsNullOrWhiteSpace(command.Name)
            ? throw new InvariantViolatedException(nameof(Warehouse), "warehouse-has-name", "A warehouse needs a name.")
            : new(command.Warehouse, command.Name, command.Location, clock.Now);
    }

    public static WarehouseStatusChanged? Decide(ChangeWarehouseStatus command, WarehouseState state, ShopClock clock)
    {
        if (state.Name is null)
            throw new AggregateNotFoundException(nameof(Warehouse), Decider.StreamOf(command.Warehouse));
        return command.Status == state.Status ? null : new(command.Warehouse, command.Status, clock.Now);
    }
}
