using Commerce.Customers;
using Commerce.Orders;

namespace Commerce.Tests.Domain;

public sealed class TakeOverTests
{
    [Fact]
    public void The_same_part_of_an_order_of_older_books_is_taken_over_once()
    {
        var order = Given.UnknownOrder();

        order.TakeOver(Part(part: 1), Given.Now);
        order.TakeOver(Part(part: 1), Given.Now);

        Assert.Equal(1, order.Version);
    }

    [Fact]
    public void What_was_written_on_later_is_taken_over_as_well()
    {
        var order = Given.UnknownOrder();

        order.TakeOver(Part(part: 1), Given.Now);
        order.TakeOver(Part(part: 2), Given.Now.AddMinutes(1));

        Assert.Equal(2, order.Version);
    }

    [Fact]
    public void A_part_of_a_cancellation_may_follow()
    {
        // An order of this shop is over once it is cancelled; a cancellation in older books is a record.
        var order = Given.UnknownOrder();

        order.TakeOver(Part(part: 1) with { Kind = SaleKind.Cancellation }, Given.Now);
        order.TakeOver(Part(part: 2) with { Kind = SaleKind.Cancellation }, Given.Now.AddMinutes(1));

        Assert.Equal((2, OrderStatus.Cancelled), (order.Version, order.Status));
    }

    [Fact]
    public void An_order_of_this_shop_is_not_taken_over()
    {
        var refused = Assert.Throws<InvariantViolatedException>(() => Given.Draft().TakeOver(Part(part: 1), Given.Now));

        Assert.Equal("order-from-older-books", refused.Invariant);
    }

    [Fact]
    public void A_customer_of_older_books_may_be_seen_in_two_countries()
    {
        var customer = Given.Customer();

        customer.TakeOver("12422", "Australia", Given.Now);
        customer.TakeOver("12422", "Switzerland", Given.Now);
        customer.TakeOver("12422", "Australia", Given.Now);

        Assert.Equal(2, customer.Version);
    }

    [Fact]
    public void The_same_number_gives_the_same_id_and_another_number_another()
    {
        Assert.Equal(OrderId.OfNumber("536365"), OrderId.OfNumber("536365"));
        Assert.NotEqual(OrderId.OfNumber("536365"), OrderId.OfNumber("C536365"));
        Assert.NotEqual(OrderId.OfNumber("17850").Value, CustomerId.OfNumber("17850").Value);
        Assert.Equal(5, OrderId.OfNumber("536365").Value.Version);
    }

    private static SaleRecord Part(int part) =>
        new("536365", SaleKind.Sale, null, null, "France", [new("85123A", "HOLDER", 6, 2.55m)], part);
}
