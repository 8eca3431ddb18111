using Millrace;

namespace Bakery;

[Value<string>]
public readonly partial record struct Currency
{
    private static string? Problem(string value) =>
        value.Length == 3 && value.All(char.IsAsciiLetterUpper) ? null : "it is not three capitals";
}

[Id<string>]
public readonly partial record struct TillId;

public enum PaymentKind
{
    Cash,
    Card,
}

/// <summary>A value with a rule that concerns both members.</summary>
public sealed record Price
{
    public Price(decimal amount, Currency currency)
    {
        if (amount <= 0)
            throw new InvalidValueException(nameof(Price), $"{amount}", "a price is more than zero");
        (Amount, Currency) = (amount, currency);
    }

    public decimal Amount { get; }

    public Currency Currency { get; }
}

[Event("till.paid")]
public sealed record TillPaid(
    TillId Till, Price Price, PaymentKind Kind, IReadOnlyList<string> Goods, DateTimeOffset? At);

[Event("till.emptied")]
public sealed record TillEmptied(TillId Till, int Payments);

public sealed record Pay(TillId Till, Price Price, PaymentKind Kind, IReadOnlyList<string> Goods) : ICommand;

public static class TillHandlers
{
    public static void Handle(Pay command, [OrNew] Till till) => till.Pay(command);
}

[Stream("till")]
public sealed partial class Till : Aggregate<TillId>
{
    public int Payments { get; private set; }

    public void Pay(Pay pay)
    {
        Require(Payments < 3, "till-has-room", "The till is full.");
        Raise(new TillPaid(Id, pay.Price, pay.Kind, pay.Goods, null));
    }

    public void Empty()
    {
        Require(Payments > 0, "till-not-empty", "There is nothing in the till.");
        Raise(new TillEmptied(Id, Payments));
    }

    private void When(TillPaid paid) => Payments++;

    private void When(TillEmptied emptied) => Payments -= emptied.Payments;
}

/// <summary>A till with mistakes that only some sequences of commands show.</summary>
[Stream("faulty")]
public sealed partial class FaultyTill : Aggregate<TillId>
{
    [NonSerialized]
    private int _forgotten;

    public int Payments { get; private set; }

    public int Emptied { get; private set; }

    /// <summary>Changes the state without an event. The change is lost when the stream is loaded again.</summary>
    public void EmptyWithoutEvent()
    {
        Require(Payments > 0, "till-not-empty", "There is nothing in the till.");
        Raise(new TillEmptied(Id, Payments));
        Emptied++;
    }

    /// <summary>Makes a decision that depends on state without events.</summary>
    public void PayWithoutEvent(Pay pay)
    {
        Require(_forgotten++ < 2, "till-has-room", "The till is full.");
        Raise(new TillPaid(Id, pay.Price, pay.Kind, pay.Goods, null));
    }

    /// <summary>Fails for an undefined number of the kind, which a client can send.</summary>
    public void PayByKind(Pay pay)
    {
        if (!Enum.IsDefined(pay.Kind))
            throw new NotSupportedException($"Nobody pays by {pay.Kind}.");
        Raise(new TillPaid(Id, pay.Price, pay.Kind, pay.Goods, null));
    }

    public void Pay() => Raise(new TillEmptied(Id, -1));

    public void Divide(int by) => Raise(new TillEmptied(Id, 100 / by));

    private void When(TillEmptied emptied) => Payments -= emptied.Payments;
}
