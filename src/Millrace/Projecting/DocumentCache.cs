using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>
/// The documents that a projection keeps in memory between batches. The cache removes the least recently used
/// documents.
/// </summary>
internal sealed class DocumentCache<TKey, TDocument>(
    EventStore store, DocumentFormat<TKey, TDocument> format, int capacity, long capacityBytes, int shards)
    where TKey : notnull
    where TDocument : class
{
    private const int MaxLoadBatch = 500;

    // The keys are the stored texts. Two equal texts identify one document even if the typed keys differ.
    private readonly Dictionary<string, CachedDocument<TKey, TDocument>> _cached = new(StringComparer.Ordinal);
    private readonly List<CachedDocument<TKey, TDocument>> _missing = [];
    private long _bytes;
    private long _round;
    private long _valuesRound = store.Stored.Round;
    private bool _containsAllDocuments;

    /// <summary>
    /// Clears the cache. If the projection starts with an empty collection, a document that is not in the cache does
    /// not exist.
    /// </summary>
    public async ValueTask Start(bool startsWithFirstEvent, CancellationToken cancellationToken)
    {
        Clear();
        _missing.Clear();
        var documents = store.Storage.Documents;
        _containsAllDocuments =
            startsWithFirstEvent
            && await documents.Count(format.Collection.Name, [], cancellationToken).ConfigureAwait(false) == 0;
    }

    /// <summary>Returns the document of a key. The caller must load the document before it uses the content.</summary>
    public CachedDocument<TKey, TDocument> Take(TKey key, string text)
    {
        if (!_cached.TryGetValue(text, out var cached))
        {
            var shard = (int)((uint)string.GetHashCode(text, StringComparison.Ordinal) % (uint)shards);
            cached = new CachedDocument<TKey, TDocument>(key, text, shard) { IsLoaded = _containsAllDocuments };
            _cached.Add(text, cached);
            if (!_containsAllDocuments)
                _missing.Add(cached);
        }
        cached.UsedAt = _round;
        return cached;
    }

    /// <summary>
    /// Loads, with few queries, the documents that <see cref="Take"/> returned and that are not in memory yet.
    /// </summary>
    public async ValueTask LoadMissing(CancellationToken cancellationToken)
    {
        for (var from = 0; from < _missing.Count; from += MaxLoadBatch)
        {
            var batch = new Dictionary<string, CachedDocument<TKey, TDocument>>(StringComparer.Ordinal);
            for (var i = from; i < Math.Min(from + MaxLoadBatch, _missing.Count); i++)
                batch.Add(_missing[i].Text, _missing[i]);
            var found = await store
                .Storage.Documents.GetMany(format.Collection.Name, batch.Keys, cancellationToken)
                .ConfigureAwait(false);
            foreach (var document in found)
                Fill(batch[document.Key], document);
            foreach (var cached in batch.Values)
                cached.IsLoaded = true;
        }
        _missing.Clear();
    }

    /// <summary>Records the new size of a document.</summary>
    public void Resize(CachedDocument<TKey, TDocument> cached, int bytes)
    {
        _bytes += bytes - cached.Bytes;
        cached.Bytes = bytes;
    }

    /// <summary>
    /// Removes all documents after keys were destroyed, because they may contain erased values. No document may be
    /// dirty.
    /// </summary>
    public void ForgetErased()
    {
        if (_valuesRound != store.Stored.Round)
            Clear();
    }

    /// <summary>
    /// Removes the least recently used documents if the cache is too large, and all after keys were destroyed. No
    /// document may be dirty.
    /// </summary>
    public void EndRound()
    {
        _round++;
        ForgetErased();
        if (_cached.Count <= capacity && _bytes <= capacityBytes)
            return;
        var rounds = _cached.Values.Select(cached => cached.UsedAt).Order().ToArray();
        var share = _bytes > capacityBytes ? (double)capacityBytes / _bytes : 1;
        var keep = (int)(Math.Min(capacity, _cached.Count * share) * 3 / 4);
        var oldestRoundToKeep = keep == 0 ? long.MaxValue : rounds[^keep];
        foreach (var (text, cached) in _cached)
        {
            if (cached.UsedAt >= oldestRoundToKeep && _cached.Count <= capacity)
                continue;
            _cached.Remove(text);
            _bytes -= cached.Bytes;
        }
        _containsAllDocuments = false;
    }

    private void Clear()
    {
        _valuesRound = store.Stored.Round;
        _cached.Clear();
        _bytes = 0;
        _containsAllDocuments = false;
    }

    private void Fill(CachedDocument<TKey, TDocument> cached, Document document)
    {
        cached.Document = format.Read(document.Body);
        cached.Position = document.Position;
        cached.IsStored = true;
        Resize(cached, document.Body.Length);
    }
}
