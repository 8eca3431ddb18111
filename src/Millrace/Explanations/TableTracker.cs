using Millrace.Storage;

namespace Millrace;

/// <summary>The events of one key of a projection into tables, and the statements that each of them gave; the last ones
/// are kept.</summary>
/// <param name="projection">The projection.</param>
/// <param name="key">The key.</param>
/// <param name="letters">What was decided about its events.</param>
/// <param name="most">The most changes to keep.</param>
internal sealed class TableTracker(SqlProjection projection, string key, ReadModelDeadLetters letters, int most)
{
    private const int BytesPerParameter = 50;

    private readonly RecentChanges<ValueChange> _last = new(most);
    private readonly TableKeyFinder _finder = new(projection);
    private readonly HashSet<StreamId> _streams = [];

    public string Key => key;

    /// <summary>How many events were handed to the projection under this key.</summary>
    public long Events { get; private set; }

    /// <summary>How many of them gave statements.</summary>
    public long Count { get; private set; }

    /// <summary>The streams that its events came from.</summary>
    public IReadOnlySet<StreamId> Streams => _streams;

    /// <summary>What could not be handed to the projection.</summary>
    public FailureSamples Failures { get; } = new();

    /// <summary>The last changes, newest first.</summary>
    public IReadOnlyList<ValueChange> Changes => [.. _last.Reverse()];

    /// <summary>Takes in an event of this key, unless it is held back or was decided about.</summary>
    public void Add(RecordedEvent recorded, EventTypeMap types)
    {
        _streams.Add(recorded.Stream);
        Failures.Try(recorded, () => Apply(recorded, types));
    }

    private void Apply(RecordedEvent recorded, EventTypeMap types)
    {
        if (letters.For(key, recorded, _finder) is not { } folded)
            return;
        var batch = new SqlBatch();
        foreach (var part in folded.Parts())
            projection.Apply(part, batch);
        Events++;
        if (batch.Count == 0)
            return;
        Count++;
        var change = ChangeOf(recorded, folded, batch.Take(), types);
        _last.Add(change, folded, SizeOf(change.Statements));
    }

    private ValueChange ChangeOf(
        RecordedEvent recorded,
        RecordedEvent folded,
        IReadOnlyList<SqlStatement> statements,
        EventTypeMap types) =>
        new()
        {
            Event = folded,
            Rules =
            [
                .. folded
                    .Parts()
                    .Select(part => $"{projection.GetType().Name}.Apply({part.Data.GetType().Name})")
                    .Distinct(),
            ],
            Statements = statements,
            ReadAs = ValueHistory.ReadAs(types, folded),
            IsCorrected = !ReferenceEquals(folded, recorded),
        };

    private static long SizeOf(IReadOnlyList<SqlStatement> statements) =>
        statements.Sum(one => one.Sql.Length + one.Parameters.Sum(static value => BytesPerParameter + SizeOf(value)));

    private static long SizeOf(object? value) =>
        value switch
        {
            string text => text.Length,
            byte[] bytes => bytes.Length,
            _ => 0,
        };
}
