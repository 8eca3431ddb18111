using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>Stores how often queries of each shape were executed, as one document for each shape.</summary>
internal sealed class QueryUseStore(EventStore store)
{
    /// <summary>The name of the collection.</summary>
    public const string Collection = "query-shapes";

    /// <summary>
    /// The maximum number of stored shapes. The shapes that were not used for the longest time are removed.
    /// </summary>
    public const int MaxStored = 2_000;

    private const string LastUse = "lastUse";
    private const int MaxPerPage = 1_000;
    private const int MaxAttempts = 3;

    private readonly QueryCoverageStore _days = new(store);
    private bool _hasUses; // Since the node started.

    private static CollectionDefinition Definition { get; } =
        new(Collection, [new FieldDefinition(LastUse, FieldKind.Integer)]);

    /// <summary>Stores the counts of this node. Counts that cannot be stored are kept for the next call.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <param name="isLast">True when the node stops: it then writes nothing if it has no counts.</param>
    public async ValueTask Write(CancellationToken cancellationToken, bool isLast = false)
    {
        var uses = store.Shapes.Take();
        foreach (var time in store.Shapes.TakeOmissions())
            _days.NoteOmission(time);
        if (isLast && uses.Count == 0 && !_days.HasOmissions)
            return;
        if (uses.Count > 0)
            await Write(uses, cancellationToken).ConfigureAwait(false);
        _hasUses |= uses.Count > 0;
        await _days.Write(_hasUses, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the stored counts, most executions first.</summary>
    public async ValueTask<IReadOnlyList<QueryUse>> Read(CancellationToken cancellationToken)
    {
        var uses = new List<QueryUse>();
        if (!await Exists(cancellationToken).ConfigureAwait(false))
            return uses;
        DocumentCursor? after = null;
        do
        {
            var query = new DocumentQuery { Collection = Collection, After = after, Limit = MaxPerPage };
            var page = await store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            uses.AddRange(page.Documents.Select(Read));
            after = page.Next;
        }
        while (after is not null);
        uses.Sort(static (left, right) => right.Count.CompareTo(left.Count));
        return uses;
    }

    private async ValueTask Write(IReadOnlyList<QueryUse> uses, CancellationToken cancellationToken)
    {
        try
        {
            await store.Storage.Documents.EnsureCollection(Definition, cancellationToken).ConfigureAwait(false);
            for (var attempt = 1; attempt <= MaxAttempts; attempt++)
            {
                if (await TryWrite(uses, cancellationToken).ConfigureAwait(false))
                    return;
            }
        }
        catch
        {
            store.Shapes.Return(uses);
            throw;
        }
        store.Shapes.Return(uses); // Other nodes wrote the same shapes at the same time.
    }

    private ValueTask<bool> Exists(CancellationToken cancellationToken) =>
        store.Storage.Documents.HasCollection(Collection, cancellationToken);

    private async ValueTask<bool> TryWrite(IReadOnlyList<QueryUse> uses, CancellationToken cancellationToken)
    {
        var byKey = uses.ToDictionary(use => KeyOf(use.Shape), StringComparer.Ordinal);
        var written = byKey.Keys.ToHashSet(StringComparer.Ordinal);
        var stored = await store
            .Storage.Documents.GetMany(Collection, byKey.Keys, cancellationToken)
            .ConfigureAwait(false);
        var changes = new List<DocumentChange>(uses.Count);
        foreach (var document in stored)
        {
            changes.Add(Change(document.Key, Read(document).Add(byKey[document.Key]), document.Version));
            byKey.Remove(document.Key);
        }
        changes.AddRange(byKey.Select(item => Change(item.Key, item.Value, version: 0)));
        changes.AddRange(await FindOldest(byKey.Count, written, cancellationToken).ConfigureAwait(false));
        var outcome = await store
            .TryCommit(new CommitRequest { Documents = changes }, isBackground: true, cancellationToken)
            .ConfigureAwait(false);
        return outcome.FindDocumentConflict() is null;
    }

    /// <summary>
    /// Returns the removals that make room for new shapes. Shapes of the same commit are never removed: they may have
    /// been the oldest until now.
    /// </summary>
    private async ValueTask<IEnumerable<DocumentChange>> FindOldest(
        int added, HashSet<string> written, CancellationToken cancellationToken)
    {
        if (added == 0)
            return [];
        var count = await store.Storage.Documents.Count(Collection, [], cancellationToken).ConfigureAwait(false);
        var excess = (int)Math.Min(count + added - MaxStored, MaxPerPage);
        if (excess <= 0)
            return [];
        var query = new DocumentQuery { Collection = Collection, OrderBy = LastUse, Limit = excess + written.Count };
        var oldest = await store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
        var removed = oldest.Documents.Where(document => !written.Contains(document.Key)).Take(excess).ToList();
        var limit = store.Time.GetUtcNow() - TimeSpan.FromDays(QueryCoverageStore.MinDays);
        foreach (var use in removed.Select(Read).Where(use => use.LastUse > limit))
            _days.NoteOmission(use.LastUse);
        return removed
            .Select(document => new DocumentChange
            {
                Collection = Collection,
                Key = document.Key,
                FromVersion = document.Version,
            });
    }

    private static DocumentChange Change(string key, QueryUse use, long version) => new()
    {
        Collection = Collection,
        Key = key,
        FromVersion = version,
        Body = JsonSerializer.SerializeToUtf8Bytes(use, QueryUseJson.Default.QueryUse),
        Fields = [FieldValue.Microseconds(use.LastUse)],
    };

    /// <exception cref="StorageException">The document was changed by another program.</exception>
    private static QueryUse Read(Document document)
    {
        try
        {
            return JsonSerializer.Deserialize(document.Body.Span, QueryUseJson.Default.QueryUse)
                ?? throw new JsonException("The document is null.");
        }
        catch (JsonException exception)
        {
            throw new StorageException(
                $"The query shape '{document.Key}' cannot be read. Remove the documents of '{Collection}'.",
                StorageProblem.Damaged,
                exception);
        }
    }

    /// <summary>Returns a key of limited length that is the same on all nodes.</summary>
    private static string KeyOf(QueryShape shape) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(shape.ToString())).AsSpan(0, 16));
}
