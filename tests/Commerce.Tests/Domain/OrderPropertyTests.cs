using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Orders;
using Commerce.Payments;
using FsCheck;
using FsCheck.Fluent;

namespace Commerce.Tests.Domain;

/// <summary>
/// What always holds of orders, tried on generated ones: quantities 1 to 99, prices 0.01 to 99.99, 0 to 9 items, names of 8 letters or
/// digits.
/// </summary>
public sealed class OrderPropertyTests
{
    private static readonly Gen<Wanted> Items =
        from quantity in Gen.Choose(1, 99)
        from pence in Gen.Choose(1, 9_999)
        from name in Gen.ArrayOf(Gen.Elements("abcdefghijklmnopqrstuvwxyz0123456789".ToCharArray()), 8)
        from product in Gen.Choose(0, 4)
        select new Wanted(product, quantity, pence / 100m, new string(name));

    private static readonly Gen<Guid> Payments = ModelGenerators.Of<Shop>().Generate<PaymentId>().Select(payment => payment.Value);

    private static readonly Gen<Wanted[]> Carts = Gen.Choose(0, 9).SelectMany(count => Gen.ArrayOf(Items, count));

    private static readonly Gen<Change[]> Changes = Gen.ArrayOf(
        from kind in Gen.Choose(0, 2)
        from item in Items
        select new Change(kind, item));

    [Fact]
    public void Adding_raises_the_total_by_exactly_the_subtotal() => Prop.ForAll(Carts.ToArbitrary(), cart =>
    {
        var (order, shelf) = (Given.Draft(), Shelf());
        foreach (var item in cart)
        {
            var before = order.Total.Amount;
            Add(order, shelf, item);
            Assert.Equal(before + (item.Quantity * item.Price), order.Total.Amount);
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_always_holds_of_an_order_holds_after_every_operation()
    {
        var (id, shelf) = (OrderId.New(), Shelf());
        Histories.Of<Order>(id)
            .Given(new OrderCreated(id, id.ToNumber(), CustomerId.New(), "ada", Given.Home, Given.Now))
            .Command("add", Items, (order, item) => Add(order, shelf, item))
            .Command("remove", Items, (order, item) => order.RemoveItem(shelf[item.Product], Given.Now))
            .Command("change", Items, (order, item) => order.ChangeQuantity(shelf[item.Product], item.Quantity, Given.Now))
            .Command("submit", order => order.Submit())
            .Command("pay", Payments, (order, payment) => order.MarkPaid(new PaymentId(payment), "tx-1", Given.Now))
            .Command("fail to pay", order => order.MarkPaymentFailed("no money", Given.Now))
            .Command("process", order => order.StartProcessing(Given.Now))
            .Command("ship", order => order.Ship("TRACK-1", Given.Now))
            .Command("deliver", order => order.Deliver(Given.Now))
            .Command("cancel", order => order.Cancel("changed my mind", "customer", Given.Now))
            .Always("total-is-sum-of-lines", order =>
                Assert.Equal(order.Items.Sum(item => item.Quantity * item.UnitPrice.Amount), order.Total.Amount))
            .Always("lines-have-pieces", order => Assert.All(order.Items, item => Assert.True(item.Quantity > 0)))
            .Always("one-line-for-a-product-at-a-price", order =>
                order.Items.Count == order.Items.DistinctBy(item => (item.Product, item.UnitPrice)).Count())
            .Always("what-goes-on-is-not-empty", order =>
                order.Status is OrderStatus.Draft or OrderStatus.Cancelled || order.Items.Count > 0)
            .Check(runs: 200);
    }

    [Fact]
    public void Only_orders_with_items_can_be_submitted() => Prop.ForAll(Carts.ToArbitrary(), cart =>
    {
        var (order, shelf) = (Given.Draft(), Shelf());
        foreach (var item in cart)
            Add(order, shelf, item);

        var error = Record.Exception(order.Submit);

        Assert.Equal(cart.Length > 0, error is null);
        Assert.Equal(cart.Length > 0 ? OrderStatus.Submitted : OrderStatus.Draft, order.Status);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_changes_after_a_cancellation() => Prop.ForAll(Carts.ToArbitrary(), Changes.ToArbitrary(), (cart, changes) =>
    {
        var (order, shelf) = (Given.Draft(), Shelf());
        foreach (var item in cart)
            Add(order, shelf, item);
        order.Cancel("changed my mind", "customer", Given.Now);
        var (version, total) = (order.Version, order.Total);

        foreach (var change in changes)
            Assert.NotNull(Record.Exception(() => Do(order, shelf, change)));

        Assert.Equal((version, total), (order.Version, order.Total));
    }).QuickCheckThrowOnFailure();

    private static ProductId[] Shelf() => [.. Enumerable.Range(0, 5).Select(_ => ProductId.New())];

    private static void Do(Order order, ProductId[] shelf, Change change)
    {
        switch (change.Kind)
        {
            case 0:
                Add(order, shelf, change.Item);
                break;
            case 1:
                order.RemoveItem(shelf[change.Item.Product], Given.Now);
                break;
            default:
                order.ChangeQuantity(shelf[change.Item.Product], change.Item.Quantity, Given.Now);
                break;
        }
    }

    private static void Add(Order order, ProductId[] shelf, Wanted item) =>
        order.AddItem(shelf[item.Product], Sku.From(item.Name), item.Name, item.Quantity, Money.InPounds(item.Price), Given.Now);

    private sealed record Wanted(int Product, int Quantity, decimal Price, string Name);

    private sealed record Change(int Kind, Wanted Item);
}
