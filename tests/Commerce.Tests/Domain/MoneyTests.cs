namespace Commerce.Tests.Domain;

public sealed class MoneyTests
{
    [Theory]
    [InlineData("")]
    [InlineData("gbp")]
    [InlineData("GB")]
    [InlineData("EURO")]
    [InlineData("£££")]
    [InlineData("G\0P")]
    [InlineData(null)]
    public void A_currency_is_three_capital_letters(string? currency) =>
        Assert.Throws<InvalidValueException>(() => new Money(1, currency!));

    [Fact]
    public void Amounts_and_sums_have_bounds()
    {
        var max = new Money(Money.MaxAmount, "GBP");

        Assert.Throws<InvalidValueException>(() => Money.InPounds(Money.MaxAmount + 0.01m));
        Assert.Throws<InvalidValueException>(() => max + Money.InPounds(1));
        Assert.Throws<InvalidValueException>(() => max.Times(int.MaxValue));
        Assert.Equal(-Money.MaxAmount, max.Times(-1).Amount);
    }

    [Fact]
    public void Amounts_of_different_currencies_cannot_be_combined() =>
        Assert.Throws<CurrencyMismatchException>(() => Money.InPounds(1) + new Money(1, "EUR"));
}
