using Millrace.Storage;

namespace Millrace;

/// <summary>The documents that a projection has in hand, across batches; those not needed for longest are let
/// go.</summary>
internal sealed class DocumentCache<TKey, TDocument>(
    EventStore store, DocumentFormat<TKey, TDocument> format, int capacity, long capacityBytes, int shards)
    where TKey : notnull
    where TDocument : class
{
    private const int LoadedAtOnce = 500;

    // By text, as they are stored: what one text has is one document, whatever the equality of the keys.
    private readonly Dictionary<string, CachedDocument<TKey, TDocument>> _cached = new(StringComparer.Ordinal);
    private readonly List<CachedDocument<TKey, TDocument>> _missing = [];
    private long _bytes;
    private long _round;
    private bool _isWhole;

    /// <summary>Forgets everything. A projection that begins from nothing knows that what is not here is
    /// nowhere.</summary>
    public async ValueTask Start(bool isFromNothing, CancellationToken cancellationToken)
    {
        _cached.Clear();
        _missing.Clear();
        _bytes = 0;
        var documents = store.Storage.Documents;
        _isWhole =
            isFromNothing
            && await documents.Count(format.Collection.Name, [], cancellationToken).ConfigureAwait(false) == 0;
    }

    /// <summary>The document of a key; to be loaded before it is used.</summary>
    public CachedDocument<TKey, TDocument> Take(TKey key, string text)
    {
        if (!_cached.TryGetValue(text, out var cached))
        {
            var shard = (int)((uint)string.GetHashCode(text, StringComparison.Ordinal) % (uint)shards);
            cached = new CachedDocument<TKey, TDocument>(key, text, shard) { IsLoaded = _isWhole };
            _cached.Add(text, cached);
            if (!_isWhole)
                _missing.Add(cached);
        }
        cached.UsedAt = _round;
        return cached;
    }

    /// <summary>Loads what was taken and is not here yet, many at once.</summary>
    public async ValueTask LoadMissing(CancellationToken cancellationToken)
    {
        for (var from = 0; from < _missing.Count; from += LoadedAtOnce)
        {
            var some = new Dictionary<string, CachedDocument<TKey, TDocument>>(StringComparer.Ordinal);
            for (var i = from; i < Math.Min(from + LoadedAtOnce, _missing.Count); i++)
                some.Add(_missing[i].Text, _missing[i]);
            var found = await store
                .Storage.Documents.GetMany(format.Collection.Name, some.Keys, cancellationToken)
                .ConfigureAwait(false);
            foreach (var document in found)
                Fill(some[document.Key], document);
            foreach (var cached in some.Values)
                cached.IsLoaded = true;
        }
        _missing.Clear();
    }

    /// <summary>Notes how large a document has become.</summary>
    public void Resize(CachedDocument<TKey, TDocument> cached, int bytes)
    {
        _bytes += bytes - cached.Bytes;
        cached.Bytes = bytes;
    }

    /// <summary>Lets go what was not needed for longest, when there is too much. Nothing may be dirty.</summary>
    public void EndRound()
    {
        _round++;
        if (_cached.Count <= capacity && _bytes <= capacityBytes)
            return;
        var rounds = _cached.Values.Select(cached => cached.UsedAt).Order().ToArray();
        var share = _bytes > capacityBytes ? (double)capacityBytes / _bytes : 1;
        var keep = (int)(Math.Min(capacity, _cached.Count * share) * 3 / 4);
        var oldest = keep == 0 ? long.MaxValue : rounds[^keep];
        foreach (var (text, cached) in _cached)
        {
            if (cached.UsedAt >= oldest && _cached.Count <= capacity)
                continue;
            _cached.Remove(text);
            _bytes -= cached.Bytes;
        }
        _isWhole = false;
    }

    private void Fill(CachedDocument<TKey, TDocument> cached, Document document)
    {
        cached.Document = format.Read(document.Body);
        cached.Position = document.Position;
        cached.IsStored = true;
        Resize(cached, document.Body.Length);
    }
}
