using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Projecting;

/// <summary>
/// The consumer of an inline projection. It builds the documents for events that are older than the projection. It also
/// repairs documents of streams to which a node without the projection appended events. For other events, only its
/// checkpoint advances.
/// </summary>
internal sealed class InlineProjectionProcessor<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition, EventStore store, ConsumerOptions options) : KeyedEventProcessor
    where TKey : notnull
    where TDocument : class
{
    private const int MaxLoadBatch = 500;

    private readonly InlineProjection<TKey, TDocument> _inline = new(definition, store);
    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly Dictionary<StreamId, DocumentChange> _changes = [];
    private readonly ExpiringDocuments? _expiring = definition.ExpiryRule is { } expiry
        ? new ExpiringDocuments(store, definition.Collection, expiry.Column, default)
        : null;

    public override string Name => definition.Collection;

    public override EventFilter Filter { get; } =
        EventFilter.OfTypes(StoredEventTypes.NamesOf(store.Types, definition.Events));

    public override bool HasEffects => true;

    public override ExpiringDocuments? Expiring => _expiring;

    public override bool IsPure => true;

    public override bool EqualsStreams => true;

    public override bool IsFull => _changes.Count >= options.CommitDocuments;

    public override async ValueTask Prepare(CancellationToken cancellationToken)
    {
        await store.Storage.Documents.EnsureCollection(_format.Collection, cancellationToken).ConfigureAwait(false);
        await new ExpiryStore(store).Put(Name, definition.Expiry, cancellationToken).ConfigureAwait(false);
        store.IndexRequests.Add(_format.Collection, definition.Indexes);
    }

    public override ValueTask Start(long checkpoint, CancellationToken cancellationToken)
    {
        _changes.Clear();
        _expiring?.SearchAgain();
        return ValueTask.CompletedTask;
    }

    public override async ValueTask Handle(
        IReadOnlyList<RecordedEvent> events, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        _expiring?.NoteUnknown(); // The appends of these events have written documents.
        var lastEvents = new Dictionary<StreamId, RecordedEvent>();
        var unblocked = SelectUnblocked(events, blockedKeys);
        for (var i = 0; i < unblocked.Count; i++)
        {
            if (definition.Covers(unblocked[i].Stream))
                lastEvents[unblocked[i].Stream] = unblocked[i];
            else
                await TryRepair(unblocked[i], blockedKeys, cancellationToken).ConfigureAwait(false);
        }
        foreach (var batch in lastEvents.Values.Chunk(MaxLoadBatch))
        {
            var positions = await ReadPositions(batch, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in batch)
            {
                if (positions.GetValueOrDefault(recorded.Stream.Key) < recorded.Position)
                    await TryRepair(recorded, blockedKeys, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public override ValueTask HandleAgain(RetriedEvent retried, CancellationToken cancellationToken) =>
        Repair(retried.Recorded, cancellationToken);

    public override ValueTask<IReadOnlyList<ConsumerEffects>> Collect() =>
        new(ConsumerEffects.Divide(_changes.Values, options.CommitDocuments, options.CommitBytes));

    public override void Committed() => _changes.Clear();

    protected override string KeyOf(RecordedEvent recorded) => recorded.Stream.Value;

    private async ValueTask<Dictionary<string, long>> ReadPositions(
        RecordedEvent[] events, CancellationToken cancellationToken)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var recorded in events)
            keys.Add(recorded.Stream.Key);
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (
            var document in await store.Storage.Documents.GetMany(Name, keys, cancellationToken).ConfigureAwait(false))
            positions[document.Key] = document.Position;
        return positions;
    }

    private async ValueTask TryRepair(
        RecordedEvent recorded, BlockedKeys blockedKeys, CancellationToken cancellationToken)
    {
        try
        {
            await Repair(recorded, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (OperationCanceledException or StorageException))
        {
            Fail(recorded, recorded.Stream.Value, exception, blockedKeys);
        }
    }

    /// <summary>Returns whether a document was removed, or will be, because it has expired.</summary>
    private bool IsExpired(TDocument? document) =>
        document is not null && _format.Expiry?.IsExpired(document, store.Time.GetUtcNow()) == true;

    private async ValueTask Repair(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (!definition.Covers(recorded.Stream))
        {
            _inline.RequireNoKey(recorded);
            return;
        }
        var state = await _inline.LoadStored(recorded.Stream, cancellationToken).ConfigureAwait(false);
        if (state.IsBehind && (state.DocumentVersion > 0 || !IsExpired(state.Document)))
            _changes[recorded.Stream] = _inline.ChangeOf(recorded.Stream, state, state);
    }
}
