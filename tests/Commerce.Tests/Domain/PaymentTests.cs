using Commerce.Orders;
using Commerce.Payments;

namespace Commerce.Tests.Domain;

public sealed class PaymentTests
{
    private static readonly PaymentId Id = PaymentId.New();
    private static readonly OrderId Order = OrderId.New();
    private static readonly Money Due = Money.InPounds(20);

    private static readonly PaymentAuthorized Authorized = new(Id, Order, Due, "card", Example.Now);
    private static readonly PaymentProcessed Processed = new(Id, Order, Due, "card", "tx", Example.Now);

    [Fact]
    public void Money_is_authorized_and_then_captured()
    {
        New().When(payment => payment.Authorize(Order, Due, Due, "card", Example.Now)).Then(Authorized);
        New().Given(Authorized).When(payment => payment.Capture("tx", Example.Now))
            .Then(Processed)
            .ThenState(payment => (payment.Status, payment.Amount), (PaymentStatus.Captured, Due));
    }

    [Theory]
    [InlineData(19.99)]
    [InlineData(20.01)]
    [InlineData(0)]
    public void Only_the_due_amount_can_be_paid(decimal amount)
    {
        var refused = New()
            .When(payment => payment.Authorize(Order, Money.InPounds(amount), Due, "card", Example.Now))
            .ThenRefused("valid-payment-amount")
            .ThenThrew<InvalidPaymentAmountException>();

        Assert.Equal((Due, Money.InPounds(amount)), (refused.Expected, refused.Actual));
    }

    [Fact]
    public void Money_is_refunded_in_parts_up_to_the_full_amount()
    {
        Captured().When(payment => payment.Refund(Money.InPounds(5), "returned", Example.Now))
            .Then(Refunded(5))
            .ThenState(payment => payment.Status, PaymentStatus.Captured);
        Captured().Given(Refunded(5)).When(payment => payment.Refund(Money.InPounds(15), "returned", Example.Now))
            .Then(Refunded(15))
            .ThenState(payment => payment.Status, PaymentStatus.Refunded);
    }

    [Fact]
    public void A_refund_cannot_exceed_the_captured_amount()
    {
        Captured()
            .When(payment => payment.Refund(Money.InPounds(20.01m), "returned", Example.Now))
            .ThenRefused("refund-within-payment");
        Captured()
            .Given(Refunded(5))
            .When(payment => payment.Refund(Money.InPounds(15.01m), "returned", Example.Now))
            .ThenRefused("refund-within-payment");
    }

    [Fact]
    public void A_payment_without_authorization_cannot_be_captured() =>
        New().When(payment => payment.Capture("tx", Example.Now)).ThenRefused("invalid-transition");

    [Fact]
    public void A_failed_payment_remains_failed()
    {
        var failed = New().Given(new PaymentFailed(Id, Order, "no money", Example.Now));

        failed
            .When(payment => payment.Authorize(Order, Due, Due, "card", Example.Now))
            .ThenRefused("invalid-transition");
        failed.When(payment => payment.Refund(Due, "returned", Example.Now)).ThenRefused("invalid-transition");
    }

    private static AggregateSpecification<Payment> New() => Specification.For<Payment>(Id);

    private static AggregateSpecification<Payment> Captured() => New().Given(Authorized, Processed);

    private static PaymentRefunded Refunded(decimal amount) =>
        new(Id, Order, Money.InPounds(amount), "returned", Example.Now);
}
