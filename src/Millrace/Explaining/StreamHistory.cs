using System.Runtime.CompilerServices;
using Millrace.Storage;

namespace Millrace.Explaining;

/// <summary>
/// The events of a stream that a reader would have received at a moment, even if the stream was deleted later.
/// </summary>
internal sealed class StreamHistory
{
    private readonly EventStore _store;
    private readonly StreamId _stream;
    private readonly long _position;
    private readonly long _hiddenUpTo;

    private StreamHistory(EventStore store, StreamId stream, LogMoment moment, IReadOnlyList<RemovalRecord> removals)
    {
        _store = store;
        _stream = stream;
        _position = moment.Position;
        Removals = removals;
        _hiddenUpTo = removals
            .Where(removal => removal.Kind != RemovalKind.Truncate && moment.IsAfter(removal))
            .Select(removal => removal.ToVersion)
            .DefaultIfEmpty(0)
            .Max();
    }

    /// <summary>Gets all removals of the stream.</summary>
    public IReadOnlyList<RemovalRecord> Removals { get; }

    public static async ValueTask<StreamHistory> Of(
        EventStore store,
        StreamId stream,
        LogMoment moment,
        CancellationToken cancellationToken) =>
        new(
            store,
            stream,
            moment,
            await store.Storage.Log.ListRemovals(stream, cancellationToken).ConfigureAwait(false));

    /// <summary>Reads the events, oldest first.</summary>
    public async IAsyncEnumerable<RecordedEvent> Read([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // The log still contains events that a deletion hides, but reads of the stream do not return them.
        var wasDeleted = Removals.Any(removal => removal.Kind != RemovalKind.Truncate);
        var all = wasDeleted
            ? _store.Reader.ReadUncounted(EventFilter.InStreams(_stream.Value), 1, false, cancellationToken)
            : _store.ReadStream(_stream, 1, cancellationToken);
        await foreach (var recorded in all.ConfigureAwait(false))
        {
            if (recorded.Position > _position)
                yield break;
            if (recorded.Stream == _stream && recorded.Version > _hiddenUpTo)
                yield return recorded;
        }
    }
}
