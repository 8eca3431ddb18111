using System.Globalization;

namespace Commerce.SharedKernel;

/// <summary>An exact amount in a currency. Amounts of different currencies cannot be combined.</summary>
public readonly record struct Money
{
    public const string Pounds = "GBP";

    /// <summary>The maximum amount, positive or negative: one trillion, small enough to be summed.</summary>
    public const decimal MaxAmount = 1_000_000_000_000;

    /// <exception cref="InvalidValueException">The amount is beyond <see cref="MaxAmount"/>, or the currency is not
    /// three capitals.</exception>
    public Money(decimal amount, string currency)
    {
        if (Math.Abs(amount) > MaxAmount)
            throw new InvalidValueException(
                nameof(Money), amount.ToString(CultureInfo.InvariantCulture), $"it is beyond {MaxAmount:N0}.");
        if (currency is not [>= 'A' and <= 'Z', >= 'A' and <= 'Z', >= 'A' and <= 'Z'])
            throw new InvalidValueException(
                nameof(Money), currency, "a currency is three capital letters, such as GBP.");
        (Amount, Currency) = (amount, currency);
    }

    public decimal Amount { get; }

    public string Currency { get; }

    public static Money InPounds(decimal amount) => new(amount, Pounds);

    public static Money Zero(string currency = Pounds) => new(0, currency);

    public static Money operator +(Money left, Money right) => left.Add(right);

    public static Money operator -(Money left, Money right) => left.Add(right.Times(-1));

    public Money Add(Money other) => other.Currency == Currency
        ? new Money(Amount + other.Amount, Currency)
        : throw new CurrencyMismatchException(Currency, other.Currency);

    public Money Times(decimal factor) => new(Amount * factor, Currency);

    public bool IsZero() => Amount == 0;

    public bool IsNegative() => Amount < 0;

    public bool IsPositive() => Amount > 0;

    public override string ToString() => $"{Amount:0.00##} {Currency}";
}

/// <summary>Thrown when amounts of two currencies are added.</summary>
public sealed class CurrencyMismatchException(string expected, string actual)
    : InvariantViolatedException(
        "Money", "same-currency", $"An amount in {actual} cannot be added to one in {expected}.")
{
    public string Expected { get; } = expected;

    public string Actual { get; } = actual;
}
