namespace Millrace.Generators.Tests.Shop;

[Model]
public sealed partial class ShopModel;

[Id<Guid>]
public readonly partial record struct OrderId;

[Id<string>]
public readonly partial record struct CustomerId;

[Id<int>]
public readonly partial record struct WarehouseId;

[Id<long>]
public readonly partial record struct InvoiceNumber
{
    private static string? Problem(long value) => value < 0 ? "it is negative" : null;
}

[Value<string>]
public readonly partial record struct Email
{
    private static string? Problem(string value) =>
        value.Contains('@', StringComparison.Ordinal) ? null : "it has no @";
}

[Value<int>]
public readonly partial record struct Quantity
{
    private static string? Problem(int value) => value < 0 ? "it is negative" : null;
}

[Value<decimal>]
public readonly partial record struct Rate
{
    private static string? Problem(decimal value) => value is < 0 or > 1 ? "it is not from 0 to 1" : null;
}

[Value<DateOnly>]
public readonly partial record struct BusinessDay
{
    private static string? Problem(DateOnly value) => value.DayOfWeek is DayOfWeek.Sunday ? "it is a Sunday" : null;
}

/// <summary>An amount in a currency. The code of the currency must have three letters.</summary>
public readonly record struct Money
{
    public Money(decimal amount, string currency)
    {
        if (currency is not { Length: 3 })
            throw new InvalidValueException(nameof(Money), currency, "its currency has not three letters");
        (Amount, Currency) = (amount, currency);
    }

    public decimal Amount { get; }

    public string Currency { get; }

    public static Money operator +(Money left, Money right) => left.Currency == right.Currency
        ? new(left.Amount + right.Amount, left.Currency)
        : throw new InvalidValueException(nameof(Money), right.Currency, $"it is not {left.Currency}");
}

public enum OrderStatus
{
    Draft,
    Placed,
    PaidInFull,
}
