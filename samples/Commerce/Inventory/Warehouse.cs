using Commerce.SharedKernel;

namespace Commerce.Inventory;

[Id<Guid>]
public readonly partial record struct WarehouseId
{
    /// <summary>The warehouse that orders are served from unless another is named.</summary>
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

/// <summary>Where a warehouse stands.</summary>
public sealed record Location(Address Address, double? Latitude = null, double? Longitude = null);

/// <summary>A place that stock lies in.</summary>
[Stream("warehouse")]
public sealed partial class Warehouse : Aggregate<WarehouseId>
{
    public string Name { get; private set; } = "";

    public WarehouseStatus Status { get; private set; }

    public void Open(string name, Location location, DateTimeOffset at)
    {
        Require(!string.IsNullOrWhiteSpace(name), "warehouse-has-name", "A warehouse needs a name.");
        Raise(new WarehouseOpened(Id, name, location, at));
    }

    public void ChangeStatus(WarehouseStatus status, DateTimeOffset at)
    {
        if (status != Status)
            Raise(new WarehouseStatusChanged(Id, status, at));
    }

    private void When(WarehouseOpened opened) => (Name, Status) = (opened.Name, WarehouseStatus.Active);

    private void When(WarehouseStatusChanged changed) => Status = changed.Status;
}
