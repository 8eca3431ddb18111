using Commerce.Payments;
using Commerce.Simulation;

namespace Commerce.Tests.Simulation;

public sealed class SimulatedShopTests
{
    [Fact]
    public void A_payment_service_that_fails_does_not_stop_the_shop()
    {
        Exception[] refusals =
        [
            new CardPaymentsUnavailableException("The payment service has not answered within 5 s."),
            new CardPaymentsRefusedException(422, "The amount is too high."),
            new CircuitOpenException("payments", TimeSpan.FromSeconds(1)),
        ];

        Assert.All(refusals, refusal => Assert.True(SimulatedShop.IsRefusal(refusal)));
        Assert.False(SimulatedShop.IsRefusal(new InvalidOperationException("A bug.")));
    }
}
