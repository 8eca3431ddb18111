using Commerce.Pricing;

namespace Commerce.Tests.Domain;

public sealed class PricingTests
{
    private static readonly PricingService Pricing = new(VolumeDiscount.Default);

    [Theory]
    [InlineData(499.99, 0, 499.99)]
    [InlineData(500, 0, 475)]
    [InlineData(100, 366, 98)]
    [InlineData(1000, 366, 930)]
    public void Large_orders_and_long_standing_customers_get_a_discount(decimal total, int customerForDays, decimal due)
    {
        var quote = Pricing.Price(Money.InPounds(total), TimeSpan.FromDays(customerForDays));

        Assert.Equal(due, quote.Due().Amount);
    }

    [Fact]
    public void A_discount_never_exceeds_the_total()
    {
        var greedy = new PricingService(new VolumeDiscount(0, 1.5m, TimeSpan.Zero, 0));

        var refused = Assert.Throws<InvariantViolatedException>(() => greedy.Price(Money.InPounds(10), TimeSpan.Zero));

        Assert.Equal("discount-within-total", refused.Invariant);
    }

    [Fact]
    public void Amounts_of_different_currencies_cannot_be_combined() =>
        Assert.Throws<CurrencyMismatchException>(() => Money.InPounds(1) + new Money(1, "EUR"));

    [Fact]
    public void Money_is_exact() => Assert.Equal(Money.InPounds(0.3m), Money.InPounds(0.1m) + Money.InPounds(0.2m));
}
