using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Runs a projection that writes the application's own tables.</summary>
internal sealed class SqlProjectionProcessor(SqlProjection projection, EventStore store, ConsumerOptions options)
    : KeyedEventProcessor
{
    private readonly SqlBatch _batch = new();

    public override string Name => projection.Consumer;

    public override EventFilter Filter { get; } =
        EventFilter.OfTypes(StoredEventTypes.NamesOf(store.Types, projection.Events));

    public override bool HasEffects => true;

    public override bool IsPure => true;

    public override bool HasPending => _batch.Count > 0;

    public override bool IsFull => _batch.Count >= options.CommitDocuments;

    public override int MaxEvents => options.CommitDocuments;

    public override async ValueTask Prepare(CancellationToken cancellationToken)
    {
        if (projection.Schema.Count == 0)
            return;
        var statements = projection.Schema.Select(sql => new SqlStatement(sql, [])).ToArray();
        await store
            .Commit(new CommitRequest { Statements = statements }, isBackground: true, cancellationToken)
            .ConfigureAwait(false);
    }

    public override ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        _batch.Take();
        // The tables are cleared in the same transaction as the first effects. A rebuild is therefore as safe as any
        // batch.
        for (var i = 0; checkpoint == 0 && i < projection.Clear.Count; i++)
            _batch.Add(projection.Clear[i]);
        return ValueTask.CompletedTask;
    }

    public override ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (blockedKeys.IsEmpty)
                Apply(events[i], blockedKeys);
            else if (Admit(events[i], blockedKeys) is { } admitted)
                Apply(admitted, blockedKeys);
        }
        return ValueTask.CompletedTask;
    }

    public override ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken)
    {
        StoredEventTypes.RequireReadable(retried.Recorded);
        ApplyParts(retried.Recorded);
        return ValueTask.CompletedTask;
    }

    public override ValueTask<IReadOnlyList<ConsumerEffects>> Collect() =>
        new([new ConsumerEffects([], _batch.Take())]);

    protected override string KeyOf(RecordedEvent recorded) => projection.Key(recorded);

    private void ApplyParts(RecordedEvent recorded)
    {
        if (recorded.Data is not EventParts)
        {
            projection.Apply(recorded, _batch);
            return;
        }
        foreach (var part in recorded.Parts())
            projection.Apply(part, _batch);
    }

    private void Apply(RecordedEvent recorded, BlockedKeys blockedKeys)
    {
        var count = _batch.Count;
        try
        {
            StoredEventTypes.RequireReadable(recorded);
            ApplyParts(recorded);
        }
#pragma warning disable CA1031 // Any exception of application code is the event's failure.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _batch.Cut(count);
            Fail(recorded, TryKeyOf(recorded), exception, blockedKeys);
        }
    }
}
