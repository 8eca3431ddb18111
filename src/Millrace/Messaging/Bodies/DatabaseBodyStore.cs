using Millrace.Storage;

namespace Millrace.Messaging.Bodies;

/// <summary>
/// Stores bodies in the database of the event store, for nodes that share the database. Each body is a document.
/// </summary>
internal sealed class DatabaseBodyStore(EventStore store) : IBodyStore
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "message-bodies";

    private const string Until = "until";
    private const int MaxBatch = 16; // Small, because the query also loads the bodies.

    private static readonly CollectionDefinition Collection = new(
        Name,
        [new FieldDefinition(Until, FieldKind.Integer)]);

    private volatile bool _isCollectionCreated;

    public string Description => store.Description;

    public async ValueTask Put(BodyReference reference, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        await EnsureCollection(cancellationToken).ConfigureAwait(false);
        var change = new DocumentChange
        {
            Collection = Name,
            Key = reference.Name,
            FromVersion = 0,
            Body = body,
            Fields = [FieldValue.Microseconds(reference.Until)],
        };
        var outcome = await store
            .TryCommit(new CommitRequest { Documents = [change] }, isBackground: true, cancellationToken)
            .ConfigureAwait(false);
        if (outcome.Refusal is { } refusal and not DocumentConflictException)
            throw refusal;
    }

    public async ValueTask<ReadOnlyMemory<byte>?> Find(BodyReference reference, CancellationToken cancellationToken)
    {
        await EnsureCollection(cancellationToken).ConfigureAwait(false);
        return (await store.Storage.Documents.Get(Name, reference.Name, cancellationToken).ConfigureAwait(false))?.Body;
    }

    public async ValueTask<int> RemoveExpired(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await EnsureCollection(cancellationToken).ConfigureAwait(false);
        var query = new DocumentQuery
        {
            Collection = Name,
            Conditions = [new FieldCondition(Until, Comparison.LessOrEqual, FieldValue.Microseconds(now))],
            Limit = MaxBatch,
        };
        for (var removed = 0; ;)
        {
            var page = await store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            if (page.Documents.Count == 0)
                return removed;
            var removals = page.Documents.Select(one => new DocumentChange { Collection = Name, Key = one.Key });
            await store.Commit(new CommitRequest { Documents = [.. removals] }, isBackground: true, cancellationToken)
                .ConfigureAwait(false);
            removed += page.Documents.Count;
        }
    }

    private async ValueTask EnsureCollection(CancellationToken cancellationToken)
    {
        if (_isCollectionCreated)
            return;
        await store.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);
        _isCollectionCreated = true;
    }
}
