using Millrace.Storage;
using Millrace.Storage.Archives;

namespace Millrace.Archiving;

/// <summary>
/// Archives by a schedule, and records up to where. The next run continues there: it reads later events and removals,
/// and then only the streams that they add to the selection. A run reads the whole log if the settings or the epoch of
/// the log changed, if events were restored, or if it is cheaper.
/// </summary>
/// <remarks>
/// The times of a log never decrease. A stream whose last event is before the position of the last run was therefore
/// selected by then, unless a removal or a restoration came later.
/// </remarks>
/// <param name="inner">The storage without the archive.</param>
/// <param name="commits">What the store records.</param>
/// <param name="createBuffer">Creates the buffer of the events.</param>
internal sealed class ScheduledArchiveRun(
    IStorage inner, ArchiveCommits commits, Func<ArchiveHeader, SegmentBuffer> createBuffer)
{
    private const int Rules = 1; // Another number makes the next run read the whole log.
    private const int MaxStreams = 100_000;
    private const int MinStreams = 1_000; // Fewer streams are never more expensive to read than the log.
    private const int EventsPerStream = 20; // A read of a stream costs about as much as this number of events.
    private const int MaxHidden = 50; // The reads of hidden streams can also read other streams.

    /// <summary>Archives, and returns the report.</summary>
    public async Task<ArchiveReport> Run(ArchiveSelection selection, CancellationToken cancellationToken)
    {
        var buffer = createBuffer(await commits.GetHeader(cancellationToken).ConfigureAwait(false));
        var head = await inner.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var last = await commits.Index.FindProgress(selection.IsClosed, cancellationToken).ConfigureAwait(false);
        // Read before any event, so that later restorations make the next run read the whole log.
        var restorations = await commits.Index.HashRestorations(cancellationToken).ConfigureAwait(false);
        var next = new ArchiveProgress(NameOf(selection), head.Epoch, 0, 0, restorations)
        {
            InactiveSince = selection.InactiveSince,
            Version = last?.Version ?? 0,
        };
        var selector = new StreamSelector(inner.Log, commits.Index, selection);
        var reached = last?.CanContinue(next) == true
            ? await Continue(last, next, selection, selector, buffer, head.Position, cancellationToken)
                .ConfigureAwait(false)
            : null;
        if (reached is null)
        {
            selector = new StreamSelector(inner.Log, commits.Index, selection);
            reached = await ReadAll(next, selection, selector, buffer, head.Position, cancellationToken)
                .ConfigureAwait(false);
        }
        await commits.Record(reached, selection.IsClosed, cancellationToken).ConfigureAwait(false);
        return buffer.Report with { Streams = selector.Included };
    }

    private async Task<ArchiveProgress> ReadAll(
        ArchiveProgress next,
        ArchiveSelection selection,
        StreamSelector selector,
        SegmentBuffer buffer,
        long end,
        CancellationToken cancellationToken)
    {
        // Read before the streams, so that a removal in between belongs to the next run.
        var removal = await ChangedStreams
            .ReadRemovals(inner.Log, 0, selection.InactiveSince, found: null, cancellationToken)
            .ConfigureAwait(false);
        var position = await new ArchiveRun(inner.Log, selection, selector, buffer)
            .Run(end, progress: null, cancellationToken)
            .ConfigureAwait(false);
        return next with { Position = position, Removal = removal, RestoredAt = selector.RestoredAt };
    }

    /// <summary>Continues from the last run. Returns null if a read of the whole log is cheaper.</summary>
    private async Task<ArchiveProgress?> Continue(
        ArchiveProgress last,
        ArchiveProgress next,
        ArchiveSelection selection,
        StreamSelector selector,
        SegmentBuffer buffer,
        long end,
        CancellationToken cancellationToken)
    {
        var since = selection.InactiveSince;
        var changed = new ChangedStreams(
            inner.Log, selector, since, Math.Clamp(end / EventsPerStream, MinStreams, MaxStreams));
        var removal = await changed.AddRemoved(last.Removal, cancellationToken).ConfigureAwait(false);
        // An event alone does not close a stream.
        var position = selection.IsClosed
            ? last.Position
            : await changed.AddWritten(last.Position, end, cancellationToken).ConfigureAwait(false);
        if (changed.IsTooLong)
            return null;
        var archiver = new StreamArchiver(inner.Log, since, end, buffer);
        var hidden = new List<StreamId>();
        foreach (var stream in changed.Streams)
        {
            if (await archiver.IsHidden(stream, cancellationToken).ConfigureAwait(false))
                hidden.Add(stream);
        }
        if (hidden.Count > MaxHidden)
            return null;
        foreach (var stream in changed.Streams.Except(hidden))
            await archiver.Archive(stream, cancellationToken).ConfigureAwait(false);
        foreach (var stream in hidden)
            await archiver.ArchiveHidden(stream, cancellationToken).ConfigureAwait(false);
        await buffer.Complete(cancellationToken).ConfigureAwait(false);
        var restored = selector.RestoredAt;
        return next with
        {
            Position = position,
            Removal = removal,
            RestoredAt = restored is null || last.RestoredAt < restored ? last.RestoredAt : restored,
        };
    }

    private static string NameOf(ArchiveSelection selection) =>
        $"{Rules} {(selection.IsClosed ? "closed" : "inactive")} {selection.Streams}";
}
