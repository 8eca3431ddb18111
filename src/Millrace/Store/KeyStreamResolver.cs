namespace Millrace.Store;

/// <summary>Finds the stream of a key, even if an earlier version of Millrace gave the stream another name.</summary>
internal static class KeyStreamResolver
{
    /// <summary>
    /// Returns the stream of a key. If only a stream with the former name exists, returns that stream. Only a few types
    /// of keys had other texts in earlier versions. For all other types, this method reads nothing from the storage.
    /// </summary>
    public static ValueTask<StreamId> Find<TKey>(
        EventStore store, string category, TKey key, CancellationToken cancellationToken)
        where TKey : notnull
    {
        var stream = StreamId.For(category, key);
        return KeyText.FormerTextOf(key) is { } former
            && StreamId.TryParse($"{category}-{former}", out var formerStream)
            ? FindCurrentOrFormer(store, stream, formerStream, cancellationToken)
            : new(stream);
    }

    /// <summary>
    /// Returns the stream with the current name. If only a stream with the former name exists, returns that stream.
    /// </summary>
    public static async ValueTask<StreamId> FindCurrentOrFormer(
        EventStore store, StreamId stream, StreamId formerStream, CancellationToken cancellationToken)
    {
        var log = store.Storage.Log;
        if ((await log.GetStream(stream, cancellationToken).ConfigureAwait(false)).Version > 0)
            return stream;
        var head = await log.GetStream(formerStream, cancellationToken).ConfigureAwait(false);
        return head.Version > 0 ? formerStream : stream;
    }
}
