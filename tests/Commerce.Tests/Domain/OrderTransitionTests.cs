using Commerce.Orders;

namespace Commerce.Tests.Domain;

/// <summary>
/// Tests every operation in every status. Legal operations succeed, and all others fail and change nothing.
/// </summary>
public sealed class OrderTransitionTests
{
    private static readonly Dictionary<OrderStatus, Action<Order>> Operations = new()
    {
        [OrderStatus.Submitted] = order => order.Submit(),
        [OrderStatus.PaymentFailed] = order => order.MarkPaymentFailed("no money", Example.Now),
        [OrderStatus.Paid] = order => order.Pay(),
        [OrderStatus.Processing] = order => order.StartProcessing(Example.Now),
        [OrderStatus.Shipped] = order => order.Ship("TRACK-2", Example.Now),
        [OrderStatus.Delivered] = order => order.Deliver(Example.Now),
        [OrderStatus.Cancelled] = order => order.Cancel("changed my mind", "customer", Example.Now),
        [OrderStatus.Failed] = order => order.Fail("no stock", Example.Now),
    };

    /// <summary>The legal transitions, in a list that is independent of the code of the shop.</summary>
    private static readonly HashSet<(OrderStatus From, OrderStatus To)> Legal =
    [
        (OrderStatus.Draft, OrderStatus.Submitted),
        (OrderStatus.Draft, OrderStatus.Cancelled),
        (OrderStatus.Submitted, OrderStatus.Paid),
        (OrderStatus.Submitted, OrderStatus.PaymentFailed),
        (OrderStatus.Submitted, OrderStatus.Failed),
        (OrderStatus.Submitted, OrderStatus.Cancelled),
        (OrderStatus.PaymentFailed, OrderStatus.Submitted),
        (OrderStatus.PaymentFailed, OrderStatus.Cancelled),
        (OrderStatus.Paid, OrderStatus.Processing),
        (OrderStatus.Paid, OrderStatus.Cancelled),
        (OrderStatus.Processing, OrderStatus.Shipped),
        (OrderStatus.Processing, OrderStatus.Cancelled),
        (OrderStatus.Shipped, OrderStatus.Delivered),
    ];

    public static TheoryData<OrderStatus, OrderStatus> AllPairs()
    {
        var pairs = new TheoryData<OrderStatus, OrderStatus>();
        foreach (var from in Enum.GetValues<OrderStatus>())
        {
            foreach (var to in Operations.Keys)
                pairs.Add(from, to);
        }

        return pairs;
    }

    [Theory]
    [MemberData(nameof(AllPairs))]
    public void Legal_transitions_succeed_and_all_others_fail(OrderStatus from, OrderStatus to)
    {
        var outcome = OrderStory.In(from).When(Operations[to]);

        if (Legal.Contains((from, to)))
            outcome.ThenState(order => order.Status, to);
        else
            outcome.ThenThrew<WrongStateException>();
    }

    [Theory]
    [MemberData(nameof(AllPairs))]
    public void The_table_of_transitions_contains_exactly_the_legal_transitions(OrderStatus from, OrderStatus to) =>
        Assert.Equal(Legal.Contains((from, to)), OrderTransitions.Allows(from, to));

    [Theory]
    [InlineData(OrderStatus.Submitted)]
    [InlineData(OrderStatus.PaymentFailed)]
    [InlineData(OrderStatus.Paid)]
    [InlineData(OrderStatus.Processing)]
    [InlineData(OrderStatus.Shipped)]
    [InlineData(OrderStatus.Delivered)]
    [InlineData(OrderStatus.Cancelled)]
    [InlineData(OrderStatus.Failed)]
    public void Only_drafts_accept_changes_of_items(OrderStatus status)
    {
        var order = OrderStory.In(status);

        order.When(AddMug).ThenRefused("order-draft");
        order.When(order => order.RemoveItem(OrderStory.Mug, Example.Now)).ThenRefused("order-draft");
        order.When(order => order.ChangeQuantity(OrderStory.Mug, 1, Example.Now)).ThenRefused("order-draft");
    }

    [Fact]
    public void An_imported_order_cannot_change()
    {
        var sale = new SaleRecorded(
            OrderStory.Id,
            "536365",
            SaleKind.Sale,
            null,
            null,
            "France",
            Money.Pounds,
            [new("A", "Thing", 1, 2)],
            1,
            Example.Now);
        var order = Specification.For<Order>(OrderStory.Id).Given(sale);

        foreach (var operation in Operations.Values)
            order.When(operation).ThenThrew<WrongStateException>();
        order.When(AddMug).ThenRefused("order-draft");
    }

    private static void AddMug(Order order) =>
        order.AddItem(OrderStory.Mug, OrderStory.Sku, "Thing", 1, Money.InPounds(10), Example.Now);
}
