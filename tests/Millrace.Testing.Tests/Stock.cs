using Millrace;

namespace Bakery;

/// <summary>An event with the counts of shelves and the shelves of mills, by ids.</summary>
[Event("stock.taken")]
public sealed record StockTaken(
    MillId Mill, IReadOnlyDictionary<ShelfId, int> Counts, IReadOnlyDictionary<MillId, IReadOnlyList<ShelfId>> Shelves);

public sealed record TakeStock(MillId Mill, IReadOnlyDictionary<ShelfId, int> Counts)
    : ICommand<IReadOnlyDictionary<ShelfId, int>>;

[Stream("stock")]
public sealed partial class StockRoom : Aggregate<MillId>
{
    private IReadOnlyDictionary<ShelfId, int> _counts = new Dictionary<ShelfId, int>();

    public IReadOnlyDictionary<ShelfId, int> Take(IReadOnlyDictionary<ShelfId, int> counts)
    {
        Raise(new StockTaken(Id, counts, new Dictionary<MillId, IReadOnlyList<ShelfId>>()));
        return _counts;
    }

    private void When(StockTaken taken) => _counts = taken.Counts;
}

public static class StockHandlers
{
    public static IReadOnlyDictionary<ShelfId, int> Handle(TakeStock command, [OrNew] StockRoom room) =>
        room.Take(command.Counts);
}

public sealed record Stock(IReadOnlyDictionary<ShelfId, int> Counts);

[Projection("stock")]
public sealed partial class StockProjection : Projection<MillId, Stock>
{
    public static MillId Key(StockTaken taken) => taken.Mill;

    public static Stock Apply(Stock? stock, StockTaken taken) => new(taken.Counts);
}
