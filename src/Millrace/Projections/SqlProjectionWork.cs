using Millrace.Storage;

namespace Millrace;

/// <summary>Runs a projection into the application's own tables.</summary>
internal sealed class SqlProjectionWork(SqlProjection projection, EventStore store, ConsumerOptions options) : ConsumerWork
{
    private readonly SqlBatch _batch = new();

    public override string Name => projection.Consumer;

    public override EventFilter Filter { get; } = EventFilter.OfTypes(StoredEvents.NamesOf(store.Types, projection.Events));

    public override bool HasEffects => true;

    public override bool HasPending => _batch.Count > 0;

    public override bool IsFull => _batch.Count >= options.CommitDocuments;

    public override int MostEvents => options.CommitDocuments;

    public override async ValueTask Prepare(CancellationToken cancellationToken)
    {
        if (projection.Schema.Count == 0)
            return;
        var statements = projection.Schema.Select(sql => new SqlStatement(sql, [])).ToArray();
        await store.Commit(new CommitRequest { Statements = statements }, isBackground: true, cancellationToken).ConfigureAwait(false);
    }

    public override ValueTask Begin(long checkpoint, CancellationToken cancellationToken)
    {
        _batch.Take();
        // In the same transaction as the first effects: so a rebuild is as safe as any batch, wherever it was asked for.
        for (var i = 0; checkpoint == 0 && i < projection.Clear.Count; i++)
            _batch.Add(projection.Clear[i]);
        return ValueTask.CompletedTask;
    }

    public override ValueTask Handle(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events.Count; i++)
        {
            try
            {
                StoredEvents.RequireReadable(events[i]);
                projection.Apply(events[i], _batch);
            }
            catch (Exception exception)
            {
                throw new EventFailedException(events[i], exception, isRestDone: false);
            }
        }
        return ValueTask.CompletedTask;
    }

    public override ValueTask<IReadOnlyList<ConsumerEffects>> Collect() => new([new ConsumerEffects([], _batch.Take())]);
}
