using Commerce.Customers;
using Commerce.Orders;

namespace Commerce.Tests.Domain;

public sealed class TakeOverTests
{
    private static readonly OrderId Id = OrderId.OfNumber("536365");
    private static readonly DateTimeOffset Later = Example.Now.AddMinutes(1);

    [Fact]
    public void The_same_part_of_an_imported_order_is_recorded_once()
    {
        Order().When(order => order.TakeOver(Part(1), Example.Now)).Then(Recorded(1, Example.Now));
        Order().Given(Recorded(1, Example.Now)).When(order => order.TakeOver(Part(1), Example.Now)).ThenNothing();
    }

    [Fact]
    public void A_later_part_of_an_imported_order_is_also_recorded() => Order()
        .Given(Recorded(1, Example.Now))
        .When(order => order.TakeOver(Part(2), Later))
        .Then(Recorded(2, Later));

    /// <summary>
    /// A cancelled order of this shop is complete, but an imported cancellation is a record that may have more parts.
    /// </summary>
    [Fact]
    public void A_further_part_of_a_cancellation_is_recorded() => Order()
        .Given(Recorded(1, Example.Now, SaleKind.Cancellation))
        .When(order => order.TakeOver(Part(2, SaleKind.Cancellation), Later))
        .Then(Recorded(2, Later, SaleKind.Cancellation))
        .ThenState(order => order.Status, OrderStatus.Cancelled);

    [Fact]
    public void An_order_of_this_shop_cannot_be_imported() => OrderStory.Empty()
        .When(order => order.TakeOver(Part(1), Example.Now))
        .ThenRefused("order-from-older-books");

    [Fact]
    public void An_imported_customer_may_have_two_countries()
    {
        var id = CustomerId.OfNumber("12422");

        Specification.For<Customer>(id)
            .When(customer =>
            {
                customer.TakeOver("12422", "Australia", Example.Now);
                customer.TakeOver("12422", "Switzerland", Example.Now);
                customer.TakeOver("12422", "Australia", Example.Now);
            })
            .Then(
                new CustomerTakenOver(id, "12422", "Australia", Example.Now),
                new CustomerCountryAdded(id, "Switzerland", Example.Now));
    }

    [Fact]
    public void An_imported_customer_who_has_left_the_shop_does_not_change()
    {
        var id = CustomerId.OfNumber("12422");

        Specification.For<Customer>(id)
            .Given(new CustomerTakenOver(id, "12422", "[erased]", Example.Now), new CustomerClosed(id, Example.Now))
            .When(customer => customer.TakeOver("12422", "Australia", Example.Now))
            .ThenNothing();
    }

    [Fact]
    public void Equal_numbers_give_equal_ids_and_different_numbers_different_ids()
    {
        Assert.Equal(OrderId.OfNumber("536365"), OrderId.OfNumber("536365"));
        Assert.NotEqual(OrderId.OfNumber("536365"), OrderId.OfNumber("C536365"));
        Assert.NotEqual(OrderId.OfNumber("17850").Value, CustomerId.OfNumber("17850").Value);
        Assert.Equal(5, OrderId.OfNumber("536365").Value.Version);
    }

    private static AggregateSpecification<Order> Order() => Specification.For<Order>(Id);

    private static SaleRecord Part(int part, SaleKind kind = SaleKind.Sale) =>
        new("536365", kind, null, null, "France", Lines(), part);

    private static SaleRecorded Recorded(int part, DateTimeOffset time, SaleKind kind = SaleKind.Sale) =>
        new(Id, "536365", kind, null, null, "France", Money.Pounds, Lines(), part, time);

    private static SaleLine[] Lines() => [new("85123A", "HOLDER", 6, 2.55m)];
}
