using Millrace.Storage;

namespace Millrace;

/// <summary>Reads a stream into a state, event by event, and refuses what cannot be relied on.</summary>
internal static class StreamFold
{
    /// <summary>Hands every event from a version on to the state.</summary>
    /// <param name="store">Where the stream is.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="from">The version.</param>
    /// <param name="first">The first page from there on, where it was read already as one that is folded.</param>
    /// <param name="state">The state.</param>
    /// <param name="load">Changes it by an event.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CannotDeserializeException">One of them cannot be read, or is of an unknown type.</exception>
    public static async ValueTask Read<TState>(
        EventStore store, StreamId stream, long from, EventPage? first, TState state, Action<TState, object, long> load,
        CancellationToken cancellationToken)
    {
        for (var isFolded = true; ;)
        {
            var query = new StreamPageQuery(stream, from, IsBackwards: false, store.Options.PageEvents)
            {
                IsFolded = isFolded,
            };
            var page = first ?? await store.Reader.ReadPage(query, cancellationToken).ConfigureAwait(false);
            first = null;
            var unreadable = Fold(page, isFolded, state, load);
            if (unreadable is null && page.IsEnd)
                return;
            from = unreadable ?? page.Next;
            isFolded = unreadable is null;
        }
    }

    /// <summary>
    /// Hands the events of a page on. What cannot be read by its payload alone may be by what its metadata says of it:
    /// then its version is returned, to be read again as a whole.
    /// </summary>
    private static long? Fold<TState>(EventPage page, bool isFolded, TState state, Action<TState, object, long> load)
    {
        for (var i = 0; i < page.Events.Count; i++)
        {
            var recorded = page.Events[i];
            if (isFolded && recorded.Data is UnreadableEvent)
                return recorded.Version;
            load(state, DataOf(recorded), recorded.Version);
        }
        return null;
    }

    /// <summary>What a stored event is read as; refuses what a decision cannot rely on.</summary>
    internal static object DataOf(RecordedEvent recorded) =>
        recorded.Data switch
        {
            UnreadableEvent unreadable => throw new CannotDeserializeException(
                recorded.Type, recorded.SchemaVersion, recorded.Position, unreadable.Reason + "."),
            UnknownEvent => throw new CannotDeserializeException(
                recorded.Type,
                recorded.SchemaVersion,
                recorded.Position,
                $"stream '{recorded.Stream}' holds a type that this program does not know, and deciding without it "
                    + $"may be wrong. "
                    + "Register the type."),
            var data => data,
        };
}
