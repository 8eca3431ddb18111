using Millrace;

namespace Bakery;

/// <summary>The number of loaves in a basket.</summary>
[Value<int>]
public readonly partial record struct Portion
{
    private static string? Problem(int value) => value is >= 1 and <= 750 ? null : "a portion is 1 to 750";
}

[Value<decimal>]
public readonly partial record struct Amount
{
    private static string? Problem(decimal value) =>
        value is > 0 and < 10_000 && decimal.Round(value, 2) == value ? null : "it is no amount";
}

[Value<string>]
public readonly partial record struct Label
{
    private static string? Problem(string value) =>
        value.Length is > 0 and <= 70 ? null : "a label has 1 to 70 letters";
}

public sealed record FillBasket(
    string Basket, Portion Portion, Label Label, DateTimeOffset At, Amount Price, string? Note) : ICommand;

[Event("basket.filled")]
public sealed record BasketFilled(string Basket, Portion Portion, Label Label, Amount Price, string? Note);

/// <summary>A basket with mistakes that only occur at the limits of values.</summary>
[Stream("basket")]
public sealed partial class Basket : Aggregate<string>
{
    public int Ordered { get; private set; }

    public void Fill(FillBasket fill) => Raise(new BasketFilled(Id, fill.Portion, fill.Label, fill.Price, fill.Note));

    /// <summary>Fills the basket. By mistake, the method refuses the largest valid portion.</summary>
    public void FillCarelessly(FillBasket fill)
    {
        Fill(fill);
        if (fill.Portion.Value == 750)
            throw new NotSupportedException("The basket is too full.");
    }

    /// <summary>Prints a label. By mistake, the method fails for a note of less than 60 characters.</summary>
    public void Print(FillBasket fill) =>
        Raise(new BasketFilled(Id, fill.Portion, fill.Label, fill.Price, fill.Note![..60]));

    /// <summary>Adds the next day. By mistake, the method fails for the last day of the calendar.</summary>
    public void Date(FillBasket fill) =>
        Raise(new BasketFilled(Id, fill.Portion, fill.Label, fill.Price, $"{fill.At.AddDays(1):O}"));

    private void When(BasketFilled filled) => Ordered += filled.Portion.Value;
}

public static class BasketHandlers
{
    public static void Handle(FillBasket command, [OrNew, From(nameof(FillBasket.Basket))] Basket basket) =>
        basket.Fill(command);
}
