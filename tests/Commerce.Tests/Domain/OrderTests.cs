using Commerce.Orders;
using Commerce.Pricing;
using static Commerce.Tests.Domain.OrderStory;

namespace Commerce.Tests.Domain;

public sealed class OrderTests
{
    private static readonly PricingService WithDiscount = new(VolumeDiscount.Default);

    [Fact]
    public void The_same_product_at_the_same_price_becomes_one_line() => Empty()
        .Given(Added(2, 10))
        .When(order => order.AddItem(Mug, Sku, "Thing", 3, Money.InPounds(10), Example.Now))
        .Then(Added(3, 10))
        .ThenState(order => order.Items, [new OrderItem(Mug, Sku, "Thing", 5, Money.InPounds(10))])
        .ThenState(order => order.Total, Money.InPounds(50));

    [Fact]
    public void The_same_product_at_another_price_is_another_line() => Empty()
        .Given(Added(2, 10))
        .When(order => order.AddItem(Mug, Sku, "Thing", 1, Money.InPounds(12), Example.Now))
        .Then(Added(1, 12))
        .ThenState(order => order.Items.Count, 2)
        .ThenState(order => order.Total, Money.InPounds(32))
        .ThenState(order => order.Quantities().Single(), (Mug, 3));

    [Fact]
    public void Removing_a_product_removes_its_lines_at_all_prices() =>
        Empty()
            .Given(Added(2, 10), Added(1, 12), Added(1, 5, Plate))
            .When(order => order.RemoveItem(Mug, Example.Now))
            .Then(
                new OrderItemRemoved(Id, Mug, Money.InPounds(10), Example.Now),
                new OrderItemRemoved(Id, Mug, Money.InPounds(12), Example.Now))
            .ThenState(order => order.Items.Single().Product, Plate)
            .ThenState(order => order.Total, Money.InPounds(5));

    [Fact]
    public void A_product_that_is_not_in_the_order_cannot_be_removed() => Empty()
        .When(order => order.RemoveItem(Mug, Example.Now))
        .ThenRefused("item-in-order");

    [Fact]
    public void A_quantity_can_be_changed() => Empty()
        .Given(Added(2, 10))
        .When(order => order.ChangeQuantity(Mug, 7, Example.Now))
        .Then(new OrderItemQuantityChanged(Id, Mug, Money.InPounds(10), 7, Example.Now))
        .ThenState(order => order.Total, Money.InPounds(70));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_quantity_must_be_greater_than_zero(int quantity)
    {
        Empty()
            .When(order => order.AddItem(Mug, Sku, "Thing", quantity, Money.InPounds(10), Example.Now))
            .ThenRefused("quantity-positive");
        Empty()
            .Given(Added(2, 10))
            .When(order => order.ChangeQuantity(Mug, quantity, Example.Now))
            .ThenRefused("quantity-positive");
    }

    [Fact]
    public void An_empty_order_cannot_be_submitted() =>
        Empty().When(order => order.Submit()).ThenRefused("order-not-empty");

    [Fact]
    public void A_paid_order_cannot_be_paid_or_submitted_again()
    {
        In(OrderStatus.Paid).When(order => order.Pay()).ThenRefused("invalid-transition");
        In(OrderStatus.Paid).When(order => order.Submit()).ThenRefused("invalid-transition");
    }

    [Fact]
    public void An_unpaid_order_is_not_shipped() => In(OrderStatus.Submitted)
        .When(order => order.Ship("T", Example.Now))
        .ThenRefused("payment-required");

    [Fact]
    public void An_order_is_shipped_once() => In(OrderStatus.Shipped)
        .When(order => order.Ship("T", Example.Now))
        .ThenRefused("already-shipped");

    [Fact]
    public void An_order_whose_payment_failed_can_be_submitted_again() =>
        In(OrderStatus.Submitted)
            .Given(new OrderPaymentFailed(Id, "no money", Example.Now))
            .When(order => order.Submit())
            .Then(
                new OrderSubmitted(
                    Id, Customer, Money.InPounds(20), Money.Zero(), OrderStatus.PaymentFailed, Example.Now));

    [Fact]
    public void A_discount_reduces_the_due_amount_and_the_total_remains_the_sum_of_the_lines() =>
        Empty()
            .Given(Added(10, 100))
            .When(order => order.Submit(WithDiscount, Example.Now.AddYears(-2), Example.Now))
            .Then(
                new OrderSubmitted(
                    Id, Customer, Money.InPounds(1000), Money.InPounds(70), OrderStatus.Draft, Example.Now))
            .ThenState(order => order.Total, Money.InPounds(1000))
            .ThenState(order => order.Due, Money.InPounds(930));

    [Fact]
    public void Delivered_goods_can_be_returned_but_never_more_than_were_bought()
    {
        ReturnedItem[] returned = [new(Mug, Money.InPounds(10), 1)];
        In(OrderStatus.Delivered)
            .When(order => Assert.Equal(Money.InPounds(10), order.Return(returned, "too small", Example.Now)))
            .ThenState(order => order.Items.Single().Returned, 1);
        In(OrderStatus.Delivered).Given(new OrderItemsReturned(Id, returned, "too small", Example.Now))
            .When(order => order.Return([new(Mug, Money.InPounds(10), 2)], "too small", Example.Now))
            .ThenRefused("return-within-bought");
    }

    [Fact]
    public void A_return_after_the_erasure_of_the_address_is_booked_to_the_country_of_the_sale()
    {
        ReturnedItem[] returned = [new(Mug, Money.InPounds(10), 1)];
        var number = Id.ToNumber();
        SaleRecorded Sale(SaleKind kind, int quantity, int part, string buyer) => new(
            Id,
            number,
            kind,
            Customer,
            buyer,
            "Ireland",
            Money.Pounds,
            [new SaleLine("SKU-1", "Thing", quantity, 10)],
            part,
            Example.Now);

        Specification.For<Order>(Id)
            .Given(new OrderCreated(Id, number, Customer, "[erased]", Address: null, Example.Now), Added(2, 10))
            .Given(ToDelivery(Money.InPounds(20), Money.Zero()))
            .Given(Sale(SaleKind.Sale, 2, 1, "[erased]"))
            .When(order => order.Return(returned, "too small", Example.Now))
            .Then(
                new OrderItemsReturned(Id, returned, "too small", Example.Now, Customer),
                Sale(SaleKind.Cancellation, -1, 2, "[erased]"));
    }

    [Fact]
    public void A_duplicate_item_in_a_return_is_not_returned_twice()
    {
        var all = new ReturnedItem(Mug, Money.InPounds(10), 2);
        In(OrderStatus.Delivered)
            .When(order => order.Return([all, all], "too small", Example.Now))
            .ThenRefused("return-within-bought");
    }

    [Fact]
    public void The_total_quantity_of_an_order_is_limited()
    {
        AggregateSpecification<Order> Full() => Empty().Given(Added(Order.MaxPieces - 1, 1), Added(1, 1, Plate));

        Full()
            .When(order => order.AddItem(Mug, Sku, "Thing", 1, Money.InPounds(1), Example.Now))
            .ThenRefused("order-within-bounds");
        Full().When(order => order.ChangeQuantity(Mug, int.MaxValue, Example.Now)).ThenRefused("order-within-bounds");
        Full()
            .When(order => order.ChangeQuantity(Mug, 1, Example.Now))
            .ThenState(order => order.Total, Money.InPounds(2));
    }

    [Fact]
    public void A_product_bought_at_two_prices_is_refunded_at_the_price_of_each_line() => Empty()
        .Given(Added(1, 10), Added(1, 12))
        .Given(ToDelivery(Money.InPounds(22), Money.Zero()))
        .When(order => Assert.Equal(12, order.Return([new(Mug, Money.InPounds(12), 1)], "broken", Example.Now).Amount))
        .ThenState(order => order.Items.Select(item => item.Returned), [0, 1]);

    [Fact]
    public void The_refunds_of_a_discounted_order_do_not_exceed_the_payment() => Empty()
        .Given(Added(3, 233.33m))
        .Given(ToDelivery(Money.InPounds(699.99m), Money.InPounds(34.99m)))
        .When(order =>
        {
            ReturnedItem[] returned = [new(Mug, Money.InPounds(233.33m), 1)];
            var refunds = Enumerable.Range(0, 3).Sum(_ => order.Return(returned, "broken", Example.Now).Amount);
            Assert.InRange(refunds, order.Due.Amount - 0.03m, order.Due.Amount);
        })
        .ThenState(order => order.Items.Single().Returned, 3);
}
