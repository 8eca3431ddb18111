using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Erasing;

/// <summary>The part of a store that belongs to one tenant, as it is stored.</summary>
/// <param name="store">The store that owns the log.</param>
/// <param name="tenant">The tenant; empty without tenants.</param>
/// <param name="prefix">The prefix of all stored names of the tenant; empty if it has its own storage.</param>
internal sealed class ErasureScope(EventStore store, string tenant, string prefix)
{
    public const string StreamPrefix = ErasureEvents.StreamPrefix;
    public const string HoldsName = "holds";

    public EventStore Store => store;

    /// <summary>Gets whether the audit trail records erasures.</summary>
    public bool IsAudited { get; init; }

    /// <summary>Gets the rules of the application, which can refuse the start of an erasure.</summary>
    public IReadOnlyList<IErasureRule> Rules { get; init; } = [];

    /// <summary>
    /// Gets what appends events unless the tenant moves to another shard; null if it cannot be moved.
    /// </summary>
    public Func<AppendRequest, CancellationToken, Task<CommitOutcome>>? AppendFenced { get; init; }

    public string Tenant => tenant;

    public string Prefix => prefix;

    /// <exception cref="InvalidOperationException">There are no keys.</exception>
    public StoreProtection Protection => store.Stored.Protection
        ?? throw new InvalidOperationException(
            "Erasures destroy keys, and this application has no keys. Add UseSqliteKeys or UsePostgreSqlKeys.");

    public KeyRing Keys => Protection.Keys!; // An application with protection has keys.

    /// <summary>Gets the storage without decryption.</summary>
    public IStorage Storage => store.Stored.Storage;

    /// <summary>Gets the documents with decryption.</summary>
    public ProtectedDocuments Documents { get; } =
        new(store.Stored.Storage.Documents, store.Stored.Protection ?? StoreProtection.WithoutKeys);

    public StreamId HoldsStream => StreamOf(StreamPrefix + HoldsName);

    public static string ErasureStreamName(string id) => StreamPrefix + id;

    public StreamId StreamOf(string name) => new(prefix + name);

    public string ToStored(string name) => prefix + name;

    /// <summary>Returns the name that the tenant uses for a stored name.</summary>
    public string ToOwn(string stored) =>
        stored.StartsWith(prefix, StringComparison.Ordinal) ? stored[prefix.Length..] : stored;

    /// <summary>Returns whether a stored stream is the stream of a subject.</summary>
    public bool IsStreamOf(StreamId stored, string subject) =>
        DataSubject.OfStream(ToOwn(stored.Value)) == subject;

    /// <summary>Returns the filter for events of the tenant that have one of the types; none for all types.</summary>
    public EventFilter Filter(params IReadOnlyList<string> types) =>
        new() { Types = types, StreamPrefix = prefix.Length == 0 ? null : prefix };

    /// <summary>Returns the filter for events of the tenant's erasures and legal holds.</summary>
    public EventFilter ErasureFilter(string type) =>
        new()
        {
            Types = [type],
            StreamPrefix = type == ErasureEvents.Held ? HoldsStream.Value : ToStored(StreamPrefix),
        };

    /// <summary>
    /// Appends an event that records the progress of an erasure or of a retention run. It is refused while the tenant
    /// moves to another shard. So a step that the copy may have missed is not recorded, and is repeated in the new
    /// shard.
    /// </summary>
    public Task<CommitOutcome> TryAppendNote(AppendRequest request, CancellationToken cancellationToken) =>
        AppendFenced?.Invoke(request, cancellationToken) ?? store.TryAppend(request, cancellationToken);

    /// <summary>Lists the collections of the tenant.</summary>
    public async ValueTask<IReadOnlyList<CollectionInfo>> Collections(CancellationToken cancellationToken)
    {
        var all = await Storage.Documents.List(cancellationToken).ConfigureAwait(false);
        return [.. all.Where(info => info.Definition.Name.StartsWith(prefix, StringComparison.Ordinal))];
    }

    /// <summary>
    /// Reads all documents of a collection as they are stored, with their columns, in pages. A collection that is
    /// removed meanwhile, such as the former rows of a materialized view, has no further documents.
    /// </summary>
    public async IAsyncEnumerable<Document> ReadDocuments(
        string collection,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new DocumentQuery { Collection = collection, WithFields = true, Limit = 1_000 };
        while (await Storage.Documents.QueryIfExists(query, cancellationToken).ConfigureAwait(false) is { } page)
        {
            foreach (var document in page.Documents)
                yield return document;
            if (page.Next is not { } next)
                yield break;
            query = query with { After = next };
        }
    }

    /// <summary>Reads all events of the tenant as they are stored, oldest first, in pages.</summary>
    public IAsyncEnumerable<RecordedEvent> ReadEvents(EventFilter filter, CancellationToken cancellationToken) =>
        ReadEvents(filter, 0, cancellationToken);

    /// <summary>Reads the events of the tenant after a position as they are stored, oldest first, in pages.</summary>
    public async IAsyncEnumerable<RecordedEvent> ReadEvents(
        EventFilter filter,
        long after,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pages = new PageSequence(
            from => Storage.Log.ReadPages(new LogPageQuery(filter, from, IsBackwards: false, Limit: 1_000)),
            after + 1,
            store.Stored,
            cancellationToken);
        await using (pages.ConfigureAwait(false))
        {
            while (true)
            {
                var page = await pages.Next().ConfigureAwait(false);
                for (var i = 0; i < page.Events.Count; i++)
                    yield return page.Events[i];
                if (page.IsEnd)
                    yield break;
            }
        }
    }
}
