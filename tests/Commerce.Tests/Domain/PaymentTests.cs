using Commerce.Orders;
using Commerce.Payments;

namespace Commerce.Tests.Domain;

public sealed class PaymentTests
{
    private static readonly OrderId Order = OrderId.New();
    private static readonly Money Due = Money.InPounds(20);

    [Fact]
    public void Money_is_promised_and_then_taken()
    {
        var payment = Captured();

        Assert.Equal((PaymentStatus.Captured, Due), (payment.Status, payment.Amount));
    }

    [Theory]
    [InlineData(19.99)]
    [InlineData(20.01)]
    [InlineData(0)]
    public void Only_what_is_due_can_be_paid(decimal amount)
    {
        var payment = Given.Payment();

        var refused = Assert.Throws<InvalidPaymentAmountException>(
            () => payment.Authorize(Order, Money.InPounds(amount), Due, "card", Given.Now));

        Assert.Equal((Due, Money.InPounds(amount)), (refused.Expected, refused.Actual));
    }

    [Fact]
    public void Money_is_given_back_in_parts_until_all_of_it_is()
    {
        var payment = Captured();

        payment.Refund(Money.InPounds(5), "returned", Given.Now);
        Assert.Equal(PaymentStatus.Captured, payment.Status);
        payment.Refund(Money.InPounds(15), "returned", Given.Now);

        Assert.Equal(PaymentStatus.Refunded, payment.Status);
    }

    [Fact]
    public void No_more_is_given_back_than_was_taken()
    {
        var refused = Assert.Throws<InvariantViolatedException>(() => Captured().Refund(Money.InPounds(20.01m), "returned", Given.Now));

        Assert.Equal("refund-within-payment", refused.Invariant);
    }

    [Fact]
    public void What_was_not_promised_cannot_be_taken() =>
        Assert.Throws<WrongStateException>(() => Given.Payment().Capture("tx", Given.Now));

    [Fact]
    public void A_failed_payment_stays_failed()
    {
        var payment = Given.Payment();
        payment.Fail(Order, "no money", Given.Now);

        Assert.Throws<WrongStateException>(() => payment.Authorize(Order, Due, Due, "card", Given.Now));
        Assert.Throws<WrongStateException>(() => payment.Refund(Due, "returned", Given.Now));
    }

    private static Payment Captured()
    {
        var payment = Given.Payment();
        payment.Authorize(Order, Due, Due, "card", Given.Now);
        payment.Capture("tx", Given.Now);
        return payment;
    }
}
