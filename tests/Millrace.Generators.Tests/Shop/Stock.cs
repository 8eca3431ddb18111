namespace Millrace.Generators.Tests.Shop;

[Event("stock.received")]
public sealed record StockReceived(string Product, int Quantity);

[Event("stock.reserved")]
public sealed record StockReserved(string Product, int Quantity, DateOnly Day);

public sealed record ReceiveStock(WarehouseId Warehouse, string Product, int Quantity) : ICommand;

public sealed record ReserveStock(WarehouseId Warehouse, string Product, int Quantity) : ICommand;

public sealed record MoveStock(WarehouseId From, WarehouseId To, string Product) : ICommand;

public sealed record StockLevel(int Available, int Reserved);

/// <summary>A decider of stock levels, with its state and its decisions as functions.</summary>
[Decider("stock")]
public static partial class Stock
{
    public static StockLevel Initial => new(0, 0);

    public static StockLevel Evolve(StockLevel state, StockReceived received) =>
        state with { Available = state.Available + received.Quantity };

    public static StockLevel Evolve(StockLevel state, StockReserved reserved) =>
        new(state.Available - reserved.Quantity, state.Reserved + reserved.Quantity);

    public static StockReceived Decide(ReceiveStock command, StockLevel state) =>
        new(command.Product, command.Quantity);

    public static StockReserved? Decide(ReserveStock command, StockLevel state, TimeProvider time) =>
        state.Available >= command.Quantity
            ? new(command.Product, command.Quantity, DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime))
            : null;

    public static IEnumerable<StockReceived> Decide(MoveStock command, [From(nameof(command.To))] StockLevel state)
    {
        for (var moved = 0; moved < 2; moved++)
            yield return new StockReceived(command.Product, 1);
    }

    public static void Validate(ReceiveStock command, ValidationProblems problems)
        => problems.Require(command.Quantity > 0, "quantity", "It must be more than nothing.");
}
