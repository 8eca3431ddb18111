using System.Runtime.CompilerServices;
using Millrace.Storage;

namespace Millrace;

/// <summary>Reads streams and the log page by page, and gives each event the means to be decoded.</summary>
internal sealed class LogReader(ILogStorage log, EventSerializer serializer, int pageEvents)
{
    private const int MostPerPage = 10_000;

    public async IAsyncEnumerable<RecordedEvent> ReadStream(
        StreamId stream, long from, bool isBackwards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 1);
        var next = from;
        while (true)
        {
            var page = await ReadPage(new StreamPageQuery(stream, next, isBackwards, pageEvents), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < page.Events.Count; i++)
                yield return page.Events[i];
            if (page.IsEnd)
                yield break;
            cancellationToken.ThrowIfCancellationRequested();
            next = page.Next;
        }
    }

    public async IAsyncEnumerable<RecordedEvent> ReadLog(
        EventFilter filter, long from, bool isBackwards, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = from;
        while (true)
        {
            var page = await ReadPage(new LogPageQuery(filter, next, isBackwards, pageEvents), cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < page.Events.Count; i++)
                yield return page.Events[i];
            if (page.IsEnd)
                yield break;
            cancellationToken.ThrowIfCancellationRequested();
            next = page.Next;
        }
    }

    public async ValueTask<EventPage> ReadPage(StreamPageQuery query, CancellationToken cancellationToken)
    {
        CheckLimit(query.Limit);
        return WithDecoder(await log.ReadStream(query, cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask<EventPage> ReadPage(LogPageQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query.Filter, nameof(query));
        CheckLimit(query.Limit);
        return WithDecoder(await log.ReadLog(query, cancellationToken).ConfigureAwait(false));
    }

    public async ValueTask<RecordedEvent?> Find(Guid id, CancellationToken cancellationToken)
    {
        var found = await log.FindEvent(id, cancellationToken).ConfigureAwait(false);
        if (found is not null)
            found.Decoder = serializer;
        return found;
    }

    public async IAsyncEnumerable<StreamInfo> ListStreams(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        string? after = null;
        while (true)
        {
            var page = await log.ListStreams(prefix, after, pageEvents, cancellationToken).ConfigureAwait(false);
            foreach (var stream in page)
                yield return stream;
            if (page.Count < pageEvents)
                yield break;
            after = page[^1].Stream.Value;
        }
    }

    private static void CheckLimit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MostPerPage);
    }

    private EventPage WithDecoder(EventPage page)
    {
        for (var i = 0; i < page.Events.Count; i++)
            page.Events[i].Decoder ??= serializer;
        return page;
    }
}
