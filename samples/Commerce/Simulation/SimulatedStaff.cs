using Commerce.Catalogue;
using Commerce.Inventory;
using Commerce.Orders;
using Commerce.SharedKernel;
using Millrace.Storage;

namespace Commerce.Simulation;

/// <summary>Simulated staff that deliver parcels, pay again with another card after a refusal, and restock.</summary>
public sealed class SimulatedStaff(
    SimulatedRequestSender sender,
    EventStore store,
    IReadModel<ProductId, ProductView> products,
    IReadModel<OrderId, OrderView> orders,
    IReadModel<InventoryItemId, StockView> shelves,
    Random random)
{
    private static readonly OrderStatus[] Waiting = [OrderStatus.Shipped, OrderStatus.PaymentFailed];

    private int _steps;

    /// <summary>Fills the shop on the first start; later starts find everything in place.</summary>
    public async Task Open(CancellationToken cancellationToken)
    {
        var after = new ReadAfter(await store.GetToken(cancellationToken));
        if ((await products.Count([new("category", Comparison.Equal, "kitchen")], after, cancellationToken)).Value > 0)
            return;
        var place = new Location(
            new Address("2 Weir Road", "Rochdale", "Lancashire", "OL16 1AA", "United Kingdom"), 53.61, -2.16);
        await sender.Send(new OpenWarehouse(WarehouseId.Main, "The mill", place), cancellationToken);
        foreach (var (name, category, price) in SimulatedWorld.Goods)
        {
            var id = ProductId.New();
            var sku = Sku.From(
                string.Concat(name.Split(' ').Select(word => word[..2])).ToUpperInvariant()
                    + $"-{random.Next(100, 999)}");
            var product = new CreateProduct(
                name, price, Description: $"{name}, made to last.", Category: category, Sku: sku, Product: id)
            {
                InitialQuantity = random.Next(150, 400),
            };
            await sender.Send(product, cancellationToken);
            await sender.Send(new ActivateProduct(id), cancellationToken);
        }
    }

    /// <summary>Advances the order that has waited longest in each state, and checks the stock from time to
    /// time.</summary>
    public async Task Work(CancellationToken cancellationToken)
    {
        _steps++;
        foreach (var status in Waiting)
        {
            if (await Next(status, cancellationToken) is { } order)
                await MoveOn(order, cancellationToken);
        }

        if (_steps % 40 == 0)
            await Restock(cancellationToken);
        if (_steps % 90 == 0)
            await TakeBack(cancellationToken);
        if (_steps % 200 == 0)
            await ChangePrice(cancellationToken);
    }

    private async Task<OrderView?> Next(OrderStatus status, CancellationToken cancellationToken)
    {
        var query = new ReadQuery
        {
            Conditions = [new("status", Comparison.Equal, status.ToString())],
            OrderBy = "created",
            Limit = 1,
        };
        return (await orders.Query(query, default, cancellationToken)).Items is [var order] ? order : null;
    }

    private async Task MoveOn(OrderView order, CancellationToken cancellationToken)
    {
        ICommand<OrderAnswer> next = order.Status == OrderStatus.Shipped ? new DeliverOrder(order.Id)
            : random.Next(3) == 0 ? new CancelOrder(order.Id, Pick(SimulatedWorld.CancellationReasons))
            : new CheckOut(order.Id, SimulatedWorld.CardOf(random));
        await sender.Send(next, cancellationToken);
    }

    private async Task Restock(CancellationToken cancellationToken)
    {
        var low = new ReadQuery
        {
            Conditions = [new("available", Comparison.Less, 40)],
            OrderBy = "available",
            Limit = 3,
        };
        foreach (var item in (await shelves.Query(low, default, cancellationToken)).Items)
            await sender.Send(
                new AddStock(item.Product, random.Next(100, 300), "delivery from the maker", item.Warehouse),
                cancellationToken);
    }

    private async Task TakeBack(CancellationToken cancellationToken)
    {
        var query = new ReadQuery
        {
            Conditions = [new("status", Comparison.Equal, nameof(OrderStatus.Delivered))],
            OrderBy = "created",
            IsDescending = true,
            Limit = 20,
        };
        var recent = (await orders.Query(query, default, cancellationToken))
            .Items.Where(order => !order.IsTakenOver)
            .ToList();
        if (recent.Count == 0 || Pick(recent) is not { Items: [{ Product: { } product, Returned: 0 } line, ..] } order)
            return;
        var returned = new ReturnedItem(product, new Money(line.UnitPrice, order.Currency), 1);
        await sender.Send(new ReturnItems(order.Id, [returned], Pick(SimulatedWorld.Complaints)), cancellationToken);
    }

    private async Task ChangePrice(CancellationToken cancellationToken)
    {
        var shelf = (
            await products.Query(new ReadQuery { OrderBy = "name", Limit = 100 }, default, cancellationToken)).Items;
        var product = Pick(shelf);
        var price = decimal.Round(product.Price * (0.9m + (random.Next(21) / 100m)), 2);
        await sender.Send(new UpdatePrice(product.Id, price, product.Currency), cancellationToken);
    }

    private T Pick<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];
}
