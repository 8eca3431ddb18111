using Millrace.Storage;

namespace Millrace.Archiving;

/// <summary>
/// The selected streams with events or removals after a position, with a limit. Other streams are not selected, or were
/// already selected before.
/// </summary>
/// <param name="log">The log without the archive.</param>
/// <param name="selector">Decides by the conditions.</param>
/// <param name="since">The time before which streams must have ended; null for any time.</param>
/// <param name="maxStreams">The maximum number of streams.</param>
internal sealed class ChangedStreams(ILogStorage log, StreamSelector selector, DateTimeOffset? since, long maxStreams)
{
    private const int PageEvents = 500;
    private const int PageRemovals = 500;

    private readonly HashSet<StreamId> _streams = [];

    /// <summary>Gets the streams.</summary>
    public IReadOnlyCollection<StreamId> Streams => _streams;

    /// <summary>Gets whether there are more streams than the limit, so that the list is not complete.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>
    /// Returns the number of the last removal that can add a stream to a selection. Later ones are too recent.
    /// </summary>
    /// <param name="log">The log.</param>
    /// <param name="after">The number of the removal after which to read.</param>
    /// <param name="since">The time before which streams must have ended; null for any time.</param>
    /// <param name="found">Receives the streams; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<long> ReadRemovals(
        ILogStorage log,
        long after,
        DateTimeOffset? since,
        Func<StreamId, ValueTask>? found,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await log.ReadRemovals(after, PageRemovals, cancellationToken).ConfigureAwait(false);
            foreach (var (number, removal) in page.Removals)
            {
                if (removal.At >= since)
                    return after;
                if (found is not null)
                    await found(removal.Stream).ConfigureAwait(false);
                after = number;
            }
            if (page.Removals.Count == 0)
                return after;
        }
    }

    /// <summary>Adds the streams of later removals, and returns the number of the last one.</summary>
    public ValueTask<long> AddRemoved(long after, CancellationToken cancellationToken) =>
        ReadRemovals(
            log,
            after,
            since,
            async stream => Add(
                stream, await selector.Includes(stream, cancellationToken).ConfigureAwait(false)),
            cancellationToken);

    /// <summary>Adds the streams of later events, and returns the position of the last one.</summary>
    public async ValueTask<long> AddWritten(long after, long end, CancellationToken cancellationToken)
    {
        // The contents are read with the streams.
        var query = new LogPageQuery(new EventFilter { To = since }, after + 1, IsBackwards: false, PageEvents)
        {
            IsBrief = true,
        };
        var pages = log.ReadPages(query);
        await using var _ = pages.ConfigureAwait(false);
        while (!IsTooLong)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                if (recorded.Position > end)
                    return after;
                after = recorded.Position;
                Add(recorded.Stream, await selector.Includes(recorded, cancellationToken).ConfigureAwait(false));
            }
            if (page.IsEnd || page.Next > end)
                break;
        }
        return after;
    }

    private void Add(StreamId stream, bool isIncluded)
    {
        if (!isIncluded || _streams.Contains(stream))
            return;
        if (_streams.Count >= maxStreams)
            IsTooLong = true;
        else
            _streams.Add(stream);
    }
}
