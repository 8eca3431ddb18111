using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Explaining;

/// <summary>
/// The state of a stream at a moment, which is read once. It contains the version, the removals, and the documents of
/// the stream's events.
/// </summary>
internal sealed class StreamSnapshot(
    EventStore store,
    StreamId stream,
    LogMoment moment,
    IReadOnlyList<MatchedReadModel> models,
    IReadOnlyList<MatchedTable> tables)
{
    private const int MaxEvents = 100;

    private readonly List<RecordedEvent> _laterEvents = [];

    public StreamId Stream => stream;

    public LogMoment Moment => moment;

    /// <summary>Gets the read models with the keys of the documents of the stream's events.</summary>
    public IReadOnlyList<MatchedReadModel> Models => models;

    /// <summary>Gets the projections into tables with the keys of the stream's events.</summary>
    public IReadOnlyList<MatchedTable> Tables => tables;

    /// <summary>
    /// Gets the position up to which the stream was read. It is lower than the position of the moment if the time limit
    /// expired.
    /// </summary>
    public long Reached { get; private set; } = moment.Position;

    public bool IsComplete => Reached >= moment.Position;

    public IReadOnlyList<RemovalRecord> Removals { get; private set; } = [];

    public RecordedEvent? Last { get; private set; }

    public FailureSamples Failures { get; } = new();

    /// <summary>Gets the first hundred events after the earlier position of a comparison.</summary>
    public IReadOnlyList<RecordedEvent> LaterEvents => _laterEvents;

    /// <summary>Gets the number of all events after the earlier position.</summary>
    public long LaterEventCount { get; private set; }

    /// <summary>Reads the stream.</summary>
    /// <param name="replay">Folds the state of the stream, or null if there is none.</param>
    /// <param name="earlier">The position after which events are recorded in <see cref="LaterEvents"/>.</param>
    /// <param name="time">The time budget.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task Read(
        StateReplay? replay, long earlier, SearchTimeBudget time, CancellationToken cancellationToken)
    {
        time.Start();
        var history = await StreamHistory.Of(store, stream, moment, cancellationToken).ConfigureAwait(false);
        Removals = history.Removals;
        await foreach (var recorded in history.Read(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.IsOver)
            {
                Reached = recorded.Position - 1;
                return;
            }
            Last = recorded;
            Failures.Try(recorded, () => replay?.Fold(recorded));
            foreach (var model in models)
            {
                if (model.Wants(recorded.Type))
                    Failures.Try(recorded, () => model.Collect(recorded));
            }
            foreach (var table in tables)
            {
                if (table.Wants(recorded.Type))
                    Failures.Try(recorded, () => table.Collect(recorded));
            }
            if (recorded.Position <= earlier)
                continue;
            LaterEventCount++;
            if (_laterEvents.Count < MaxEvents)
                _laterEvents.Add(recorded);
        }
    }
}
