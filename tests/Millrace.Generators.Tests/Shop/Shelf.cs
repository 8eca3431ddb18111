using System.Collections.Immutable;

namespace Millrace.Generators.Tests.Shop;

[Id<int>]
public readonly partial record struct ShelfId;

public enum ShelfKind
{
    Plain,
    WellLit,
}

public sealed record Box(OrderId Order, Money Price, string? Note)
{
    public bool IsCheap => Price.Amount < 10;
}

[Event("shelf.filled")]
public sealed record ShelfFilled(ShelfId Shelf, OrderId Order, decimal Price);

/// <summary>An aggregate with state members of every kind.</summary>
[Stream("shelf")]
public sealed partial class Shelf : Aggregate<ShelfId>
{
    private readonly List<Box> _boxes = [];
    private readonly Dictionary<OrderId, Money> _prices = [];
    private readonly HashSet<(int Row, DateOnly Day)> _places = [];
    private readonly Func<int> _hidden = () => 1;
    private ImmutableArray<double> _weights;
    private OrderId _last;
    private OrderId? _first;
    private ShelfKind _kind;
    private char @class = 'a';
    private object? _anything;

    public static int Count { get; set; }

    public Box? Top { get; private set; }

    public TimeSpan? Age { get; private set; }

    public int Twice => _boxes.Count * 2 * _hidden();

    public void Fill(OrderId order, decimal price) => Raise(new ShelfFilled(Id, order, price));

    private void When(ShelfFilled filled)
    {
        Top = new Box(filled.Order, new Money(filled.Price, "EUR"), null);
        _boxes.Add(Top);
        _prices[filled.Order] = Top.Price;
        _places.Add((_boxes.Count, new DateOnly(2026, 1, 2)));
        _weights = [.. _boxes.Select((_, index) => index + 0.5)];
        _first ??= filled.Order;
        (_last, _kind, @class, _anything) = (filled.Order, ShelfKind.WellLit, 'b', filled.Shelf);
        Age = TimeSpan.FromHours(_boxes.Count);
    }
}
