using Millrace.Projecting.Replays;
using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>
/// The events of a key of a projection into tables, and the statements that each event produced. It records the last
/// events.
/// </summary>
/// <param name="projection">The projection.</param>
/// <param name="key">The key.</param>
/// <param name="letters">The dead letters of the projection, with the decisions about events.</param>
/// <param name="max">The maximum number of recorded changes.</param>
internal sealed class TableTracker(SqlProjection projection, string key, ReadModelDeadLetters letters, int max)
{
    private const int BytesPerParameter = 50;

    private readonly RecentChanges<ValueChange> _last = new(max);
    private readonly TableKeyFinder _finder = new(projection);
    private readonly HashSet<StreamId> _streams = [];

    public string Key => key;

    /// <summary>Gets the number of events of this key that were passed to the projection.</summary>
    public long Events { get; private set; }

    /// <summary>Gets the number of events that produced statements.</summary>
    public long Count { get; private set; }

    /// <summary>Gets the streams of the events.</summary>
    public IReadOnlySet<StreamId> Streams => _streams;

    /// <summary>Gets the events that could not be passed to the projection.</summary>
    public FailureSamples Failures { get; } = new();

    /// <summary>Gets the last changes, newest first.</summary>
    public IReadOnlyList<ValueChange> Changes => [.. _last.Reverse()];

    /// <summary>Adds an event of this key, unless it is blocked or skipped by a decision.</summary>
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
        statements.Sum(statement =>
            statement.Sql.Length + statement.Parameters.Sum(static value => BytesPerParameter + SizeOf(value)));

    private static long SizeOf(object? value) =>
        value switch
        {
            string text => text.Length,
            byte[] bytes => bytes.Length,
            _ => 0,
        };
}
