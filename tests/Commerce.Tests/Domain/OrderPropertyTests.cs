using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Orders;
using Commerce.Payments;
using FsCheck;
using FsCheck.Fluent;

namespace Commerce.Tests.Domain;

/// <summary>
/// Tests properties of orders with generated values: quantities from 1 to 99, prices from 0.01 to 99.99, 0 to 9 items,
/// and names of 8 letters or digits.
/// </summary>
public sealed class OrderPropertyTests
{
    private static readonly Gen<CartItem> Items =
        from quantity in Gen.Choose(1, 99)
        from pence in Gen.Choose(1, 9_999)
        from name in Gen.ArrayOf(Gen.Elements("abcdefghijklmnopqrstuvwxyz0123456789".ToCharArray()), 8)
        from product in Gen.Choose(0, 4)
        select new CartItem(product, quantity, pence / 100m, new string(name));

    private static readonly Gen<Guid> Payments = ModelGenerators
        .Of<Shop>()
        .Generate<PaymentId>()
        .Select(payment => payment.Value);

    private static readonly Gen<CartItem[]> Carts = Gen.Choose(0, 9).SelectMany(count => Gen.ArrayOf(Items, count));

    private static readonly Gen<Change> Changes =
        from kind in Gen.Choose(0, 2)
        from item in Items
        select new Change(kind, item);

    private static readonly ProductId[] Shelf = [.. Enumerable.Range(0, 5).Select(_ => ProductId.New())];

    [Fact]
    public void Adding_an_item_increases_the_total_by_its_subtotal() =>
        Prop.ForAll(
                Carts.ToArbitrary(),
                Items.ToArbitrary(),
                (cart, item) =>
                    OrderWith(cart)
                        .When(order => Add(order, item))
                        .ThenState(
                            order => order.Total.Amount, cart.Append(item).Sum(line => line.Quantity * line.Price)))
            .QuickCheckThrowOnFailure();

    [Fact]
    public void The_invariants_of_an_order_hold_after_every_operation()
    {
        var id = OrderId.New();
        Histories.Of<Order>(id)
            .Given(new OrderCreated(id, id.ToNumber(), CustomerId.New(), "ada", Example.Home, Example.Now))
            .Command("add", Items, (order, item) => Add(order, item))
            .Command("remove", Items, (order, item) => order.RemoveItem(Shelf[item.Product], Example.Now))
            .Command(
                "change", Items, (order, item) => order.ChangeQuantity(Shelf[item.Product], item.Quantity, Example.Now))
            .Command("submit", order => order.Submit())
            .Command("pay", Payments, (order, payment) => order.MarkPaid(new PaymentId(payment), "tx-1", Example.Now))
            .Command("fail to pay", order => order.MarkPaymentFailed("no money", Example.Now))
            .Command("process", order => order.StartProcessing(Example.Now))
            .Command("ship", order => order.Ship("TRACK-1", Example.Now))
            .Command("deliver", order => order.Deliver(Example.Now))
            .Command("cancel", order => order.Cancel("changed my mind", "customer", Example.Now))
            .Always("total-is-sum-of-lines", order =>
                Assert.Equal(order.Items.Sum(item => item.Quantity * item.UnitPrice.Amount), order.Total.Amount))
            .Always("lines-have-pieces", order => Assert.All(order.Items, item => Assert.True(item.Quantity > 0)))
            .Always("one-line-for-a-product-at-a-price", order =>
                order.Items.Count == order.Items.DistinctBy(item => (item.Product, item.UnitPrice)).Count())
            .Always("submitted-order-has-items", order =>
                order.Status is OrderStatus.Draft or OrderStatus.Cancelled || order.Items.Count > 0)
            .Check(runs: 200);
    }

    [Fact]
    public void Only_orders_with_items_can_be_submitted() => Prop.ForAll(Carts.ToArbitrary(), cart =>
    {
        var submitted = OrderWith(cart).When(order => order.Submit());

        if (cart.Length > 0)
            submitted.ThenState(order => order.Status, OrderStatus.Submitted);
        else
            submitted.ThenRefused("order-not-empty");
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Nothing_changes_after_a_cancellation() =>
        Prop.ForAll(
                Carts.ToArbitrary(),
                Changes.ToArbitrary(),
                (cart, change) =>
                    OrderWith(cart)
                        .Given(
                            new OrderCancelled(
                                OrderStory.Id, "changed my mind", "customer", OrderStatus.Draft, Example.Now))
                        .When(order => Apply(order, change))
                        .ThenRefused("order-draft"))
            .QuickCheckThrowOnFailure();

    private static AggregateSpecification<Order> OrderWith(CartItem[] cart) =>
        OrderStory
            .Empty()
            .Given([
                .. cart.Select(item => new OrderItemAdded(
                    OrderStory.Id,
                    Shelf[item.Product],
                    Sku.From(item.Name),
                    item.Name,
                    item.Quantity,
                    Money.InPounds(item.Price),
                    Example.Now)),
            ]);

    private static void Apply(Order order, Change change)
    {
        switch (change.Kind)
        {
            case 0:
                Add(order, change.Item);
                break;
            case 1:
                order.RemoveItem(Shelf[change.Item.Product], Example.Now);
                break;
            default:
                order.ChangeQuantity(Shelf[change.Item.Product], change.Item.Quantity, Example.Now);
                break;
        }
    }

    private static void Add(Order order, CartItem item) =>
        order.AddItem(
            Shelf[item.Product],
            Sku.From(item.Name),
            item.Name,
            item.Quantity,
            Money.InPounds(item.Price),
            Example.Now);

    private sealed record CartItem(int Product, int Quantity, decimal Price, string Name);

    private sealed record Change(int Kind, CartItem Item);
}
