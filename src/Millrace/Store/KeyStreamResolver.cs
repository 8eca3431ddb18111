namespace Millrace;

/// <summary>Finds the stream of a key, including streams that earlier versions named differently.</summary>
internal static class KeyStreamResolver
{
    /// <summary>
    /// Returns the stream of a key, or the stream with its former name, if that exists and the other does not. Only a
    /// few types of keys had another text, and only their streams are looked up.
    /// </summary>
    public static ValueTask<StreamId> Find<TKey>(
        EventStore store, string category, TKey key, CancellationToken cancellationToken)
        where TKey : notnull
    {
        var stream = StreamId.For(category, key);
        return KeyText.FormerOf(key) is { } former && StreamId.TryParse($"{category}-{former}", out var earlier)
            ? FindEarlier(store, stream, earlier, cancellationToken)
            : new(stream);
    }

    /// <summary>Returns a stream, or the one with its former name, if that exists and the other does not.</summary>
    public static async ValueTask<StreamId> FindEarlier(
        EventStore store, StreamId stream, StreamId earlier, CancellationToken cancellationToken)
    {
        var log = store.Storage.Log;
        if ((await log.GetStream(stream, cancellationToken).ConfigureAwait(false)).Version > 0)
            return stream;
        return (await log.GetStream(earlier, cancellationToken).ConfigureAwait(false)).Version > 0 ? earlier : stream;
    }
}
