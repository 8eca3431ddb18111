using Millrace.Storage;

namespace Millrace.Aggregates;

/// <summary>Folds the events of a stream into a state, and refuses events that cannot be read.</summary>
internal static class StreamFold
{
    /// <summary>Applies every event from a version on to the state.</summary>
    /// <param name="store">The store.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="from">The version of the first event.</param>
    /// <param name="first">The first page from that version on; null if it was not read yet.</param>
    /// <param name="state">The state.</param>
    /// <param name="apply">Applies an event to the state.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="CannotDeserializeException">An event cannot be read, or has an unknown type.</exception>
    public static async ValueTask Read<TState>(
        EventStore store,
        StreamId stream,
        long from,
        EventPage? first,
        TState state,
        Action<TState, object, long> apply,
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
            var unreadable = Fold(page, isFolded, state, apply);
            if (unreadable is null && page.IsEnd)
                return;
            from = unreadable ?? page.Next;
            isFolded = unreadable is null;
        }
    }

    /// <summary>
    /// Applies the events of a page to the state. If an event cannot be decoded from its payload alone, it may be
    /// readable with its metadata. The method then returns the version of this event, so that the caller reads the
    /// event again completely.
    /// </summary>
    private static long? Fold<TState>(EventPage page, bool isFolded, TState state, Action<TState, object, long> apply)
    {
        for (var i = 0; i < page.Events.Count; i++)
        {
            var recorded = page.Events[i];
            if (isFolded && recorded.Data is UnreadableEvent)
                return recorded.Version;
            apply(state, DataOf(recorded), recorded.Version);
        }
        return null;
    }

    /// <summary>Returns the deserialized event. Throws an exception if the event cannot be read.</summary>
    internal static object DataOf(RecordedEvent recorded) =>
        recorded.Data switch
        {
            UnreadableEvent unreadable => throw new CannotDeserializeException(
                recorded.Type, recorded.SchemaVersion, recorded.Position, unreadable.Reason + "."),
            UnknownEvent => throw new CannotDeserializeException(
                recorded.Type,
                recorded.SchemaVersion,
                recorded.Position,
                $"stream '{recorded.Stream}' contains a type that this program does not know, and a decision without "
                    + "it may be wrong. Register the type."),
            var data => data,
        };
}
