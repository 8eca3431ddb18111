using Commerce.Orders;

namespace Commerce.Tests.Domain;

/// <summary>Every operation in every state: the legal ones succeed, all others fail and change nothing.</summary>
public sealed class OrderTransitionTests
{
    private static readonly Dictionary<OrderStatus, Action<Order>> Operations = new()
    {
        [OrderStatus.Submitted] = order => order.Submit(),
        [OrderStatus.PaymentFailed] = order => order.MarkPaymentFailed("no money", Given.Now),
        [OrderStatus.Paid] = order => order.Pay(),
        [OrderStatus.Processing] = order => order.StartProcessing(Given.Now),
        [OrderStatus.Shipped] = order => order.Ship("TRACK-2", Given.Now),
        [OrderStatus.Delivered] = order => order.Deliver(Given.Now),
        [OrderStatus.Cancelled] = order => order.Cancel("changed my mind", "customer", Given.Now),
        [OrderStatus.Failed] = order => order.Fail("no stock", Given.Now),
    };

    /// <summary>The ways of the shop, written out a second time.</summary>
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
        var order = Given.OrderIn(from);
        var version = order.Version;

        var error = Record.Exception(() => Operations[to](order));

        if (Legal.Contains((from, to)))
        {
            Assert.Null(error);
            Assert.Equal(to, order.Status);
        }
        else
        {
            Assert.IsType<WrongStateException>(error);
            Assert.Equal((from, version), (order.Status, order.Version));
        }
    }

    [Theory]
    [MemberData(nameof(AllPairs))]
    public void The_table_of_transitions_says_the_same(OrderStatus from, OrderStatus to) =>
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
    public void Only_drafts_gain_lose_or_change_items(OrderStatus status)
    {
        var order = Given.OrderIn(status);
        var product = order.Items[0].Product;

        Assert.Throws<WrongStateException>(() => order.Add());
        Assert.Throws<WrongStateException>(() => order.RemoveItem(product, Given.Now));
        Assert.Throws<WrongStateException>(() => order.ChangeQuantity(product, 1, Given.Now));
        Assert.Equal(20, order.Total.Amount);
    }

    [Fact]
    public void An_order_of_older_books_goes_no_further()
    {
        var order = Given.UnknownOrder();
        order.TakeOver(new SaleRecord("536365", SaleKind.Sale, null, null, "France", [new("A", "Thing", 1, 2)], 1), Given.Now);

        foreach (var operation in Operations.Values)
            Assert.Throws<WrongStateException>(() => operation(order));
        Assert.Throws<WrongStateException>(() => order.Add());
    }
}
