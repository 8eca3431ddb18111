namespace Commerce.SharedKernel;

/// <summary>An exact amount in a currency; amounts of different currencies never mix.</summary>
public readonly record struct Money(decimal Amount, string Currency)
{
    public const string Pounds = "GBP";

    public static Money InPounds(decimal amount) => new(amount, Pounds);

    public static Money Zero(string currency = Pounds) => new(0, currency);

    public static Money operator +(Money left, Money right) => left.Add(right);

    public static Money operator -(Money left, Money right) => left.Add(right.Times(-1));

    public Money Add(Money other) => other.Currency == Currency
        ? this with { Amount = Amount + other.Amount }
        : throw new CurrencyMismatchException(Currency, other.Currency);

    public Money Times(decimal factor) => this with { Amount = Amount * factor };

    public bool IsZero() => Amount == 0;

    public bool IsNegative() => Amount < 0;

    public bool IsPositive() => Amount > 0;

    public override string ToString() => $"{Amount:0.00##} {Currency}";
}

/// <summary>Amounts of two currencies were to be added.</summary>
public sealed class CurrencyMismatchException(string expected, string actual)
    : InvariantViolatedException("Money", "same-currency", $"An amount in {actual} cannot be added to one in {expected}.")
{
    public string Expected { get; } = expected;

    public string Actual { get; } = actual;
}
