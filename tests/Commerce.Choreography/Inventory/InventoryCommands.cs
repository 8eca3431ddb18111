namespace Commerce.Choreography.Inventory;

public sealed record AddStock(ProductId Product, int Quantity) : ICommand;

public sealed record Reserve(OrderId Order, IReadOnlyList<OrderLine> Lines) : ICommand;

public sealed record CommitReservation(OrderId Order) : ICommand;

public sealed record ReleaseReservation(OrderId Order) : ICommand;

/// <summary>Handles the commands of the inventory. One commit changes all products of an order.</summary>
public static class InventoryHandlers
{
    public static void Handle(AddStock command, [OrNew] StockItem stock) => stock.Add(command.Quantity);

    public static async Task Handle(
        Reserve command, [OrNew] Reservation reservation, CommandContext context, CancellationToken cancellationToken)
    {
        if (!reservation.IsNew)
            return;
        var requests = new List<(StockItem Stock, int Quantity)>();
        foreach (var lines in command.Lines.GroupBy(line => line.Product))
        {
            var stock = await context.LoadOrNew<StockItem, ProductId>(lines.Key, cancellationToken);
            requests.Add((stock, lines.Sum(line => line.Quantity)));
        }
        if (requests.Find(request => request.Quantity > request.Stock.Available) is { Stock: { } missing })
        {
            reservation.Refuse($"Only {missing.Available} of {missing.Id} are available.");
            return;
        }
        reservation.Make(command.Lines);
        foreach (var (stock, quantity) in requests)
            stock.Reserve(command.Order, quantity);
    }

    public static async Task Handle(
        CommitReservation command, Reservation reservation, CommandContext context, CancellationToken cancellationToken)
    {
        foreach (var product in reservation.Commit())
            (await context.Load<StockItem, ProductId>(product, cancellationToken)).Commit(command.Order);
    }

    public static async Task Handle(
        ReleaseReservation command,
        [OrNew] Reservation reservation,
        CommandContext context,
        CancellationToken cancellationToken)
    {
        foreach (var product in reservation.Release())
            (await context.Load<StockItem, ProductId>(product, cancellationToken)).Release(command.Order);
    }
}
