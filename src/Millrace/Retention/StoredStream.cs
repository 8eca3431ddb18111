using System.Runtime.CompilerServices;
using Millrace.Erasing;
using Millrace.Storage;

namespace Millrace.Retention;

/// <summary>Reads all events of a stream that the log still contains, also those that a deletion hides.</summary>
internal static class StoredStream
{
    private const int PageEvents = 500;

    /// <summary>Reads the events up to a version, as they are stored, oldest first.</summary>
    public static IAsyncEnumerable<RecordedEvent> Read(
        ErasureScope scope, StreamInfo stream, long to, CancellationToken cancellationToken) =>
        stream is { State: StreamState.Open, FirstVersion: 1 }
            ? ReadStream(scope, stream.Stream, to, cancellationToken)
            : ReadLog(scope, stream.Stream, to, cancellationToken);

    private static async IAsyncEnumerable<RecordedEvent> ReadStream(
        ErasureScope scope, StreamId stream, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var from = 1L;
        while (from <= to)
        {
            var query = new StreamPageQuery(stream, from, IsBackwards: false, PageEvents);
            var page = await scope.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                if (recorded.Version <= to)
                    yield return recorded;
            }
            if (page.IsEnd)
                yield break;
            from = page.Next;
        }
    }

    private static async IAsyncEnumerable<RecordedEvent> ReadLog(
        ErasureScope scope, StreamId stream, long to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = EventFilter.InStreams(stream.Value);
        await foreach (var recorded in scope.ReadEvents(filter, cancellationToken).ConfigureAwait(false))
        {
            if (recorded.Stream != stream)
                continue; // The filter also matches streams whose names only start the same.
            if (recorded.Version <= to)
                yield return recorded;
            if (recorded.Version >= to)
                yield break;
        }
    }
}
