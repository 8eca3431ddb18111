namespace Millrace.Benchmarks.Data;

/// <summary>An aggregate of the lines of one stream, with an invariant.</summary>
internal sealed class Basket : Aggregate<string>, ISnapshotable<BasketState>
{
    private int _lines;
    private decimal _value;

    public static AggregateDefinition<Basket, string> Definition { get; } = new("order", () => new Basket());

    /// <summary>Gets the definition with a snapshot after every twenty events.</summary>
    public static AggregateDefinition<Basket, string> WithSnapshots { get; } =
        new("order", () => new Basket())
        {
            Snapshot = new AggregateSnapshot<Basket, BasketState>(
                schemaVersion: 1, every: 20, DataJson.Default.BasketState),
        };

    public BasketState TakeSnapshot() => new(_lines, _value);

    public void Restore(BasketState state) => (_lines, _value) = (state.Lines, state.Value);

    public void Add(LineAdded line)
    {
        Require(line.Quantity > 0, "line-quantity-positive", "The quantity of a line must be positive.");
        Raise(line);
    }

    protected override void Evolve(object @event)
    {
        if (@event is not LineAdded line)
            return;
        _lines++;
        _value += line.Quantity * line.Price;
    }

    protected override void CheckInvariants() =>
        Require(_lines > 0 && _value > 0, "basket-worth-something", "The value of a basket must be positive.");
}

/// <summary>The state of a basket.</summary>
internal sealed record BasketState(int Lines, decimal Value);

/// <summary>Loads a basket, decides, and appends a line.</summary>
internal sealed record AddLine(string Basket, LineAdded Line) : ICommand
{
    public static CommandDefinition<AddLine, Nothing> Definition { get; } = new("add-line", Handle)
    {
        Target = static command => StreamId.For("order", command.Basket),
    };

    private static async ValueTask<Nothing> Handle(
        AddLine command, CommandContext context, CancellationToken cancellationToken)
    {
        var basket = await context.Load<Basket, string>(command.Basket, cancellationToken);
        basket.Add(command.Line);
        return default;
    }
}
