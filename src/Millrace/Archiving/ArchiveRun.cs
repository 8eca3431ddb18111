using Millrace.Storage;
using Millrace.Storage.Archives;

namespace Millrace.Archiving;

/// <summary>Moves contents of events from a store to segments.</summary>
/// <remarks>
/// A segment contains events in the order of the log, so that a rebuild reads each segment once. It is written and read
/// back before one commit replaces the contents by references.
/// </remarks>
/// <param name="inner">The storage without the archive.</param>
/// <param name="options">The options.</param>
/// <param name="commits">What the store records.</param>
/// <param name="segments">The segments.</param>
/// <param name="written">Receives each segment after its commit, without the number of streams; may be null.</param>
internal sealed class ArchiveRun(
    IStorage inner,
    ArchiveOptions options,
    ArchiveCommits commits,
    SegmentStorage segments,
    Action<ArchiveReport>? written)
{
    private const int PageEvents = 500;

    private readonly List<RecordedEvent> _events = [];
    private long _bytes;
    private ArchiveReport _report = new(0, 0, 0, 0, 0);

    public async Task<ArchiveReport> Run(
        ArchiveSelection selection, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var header = selection.IsDryRun ? null : await commits.GetHeader(cancellationToken).ConfigureAwait(false);
        var selector = new StreamSelector(inner.Log, commits.Index, selection);
        var end = (await inner.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var query = new LogPageQuery(
            new EventFilter { To = selection.InactiveSince }, 1, IsBackwards: false, PageEvents);
        var pages = inner.Log.ReadPages(query);
        await using var _ = pages.ConfigureAwait(false);
        while (true)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            foreach (var recorded in page.Events)
            {
                if (recorded.Position > end || ArchiveReference.IsIn(recorded)
                    || !await selector.Includes(recorded, cancellationToken).ConfigureAwait(false))
                    continue;
                Add(recorded);
                if (_events.Count >= options.SegmentEvents || _bytes >= options.SegmentBytes)
                    await WriteSegment(header, selection.By, cancellationToken).ConfigureAwait(false);
            }
            progress?.Report(new MaintenanceProgress(Math.Min(page.Next - 1, end), end, "events"));
            if (page.IsEnd || page.Next > end)
                break;
        }
        if (_events.Count > 0)
            await WriteSegment(header, selection.By, cancellationToken).ConfigureAwait(false);
        return _report with { Streams = selector.Included };
    }

    private void Add(RecordedEvent recorded)
    {
        _events.Add(recorded.Detached());
        _bytes += recorded.Payload.Length + recorded.MetadataBytes.Length;
    }

    /// <param name="header">The header; null for a dry run.</param>
    /// <param name="by">The user.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private async Task WriteSegment(ArchiveHeader? header, string? by, CancellationToken cancellationToken)
    {
        _report = _report with
        {
            Events = _report.Events + _events.Count,
            ContentBytes = _report.ContentBytes + _bytes,
            Segments = _report.Segments + 1,
        };
        if (header is not null)
        {
            var started = await commits.Start(header, _events, segments.Extension, by, cancellationToken)
                .ConfigureAwait(false);
            var segment = await segments.Write(started, _events, cancellationToken).ConfigureAwait(false);
            var references = _events.Select((one, i) => new ArchiveReference(started.Number, i).PutInto(one)).ToArray();
            await commits.Complete(segment, references, cancellationToken).ConfigureAwait(false);
            _report = _report with { SegmentBytes = _report.SegmentBytes + segment.Bytes };
            written?.Invoke(new ArchiveReport(0, references.Length, _bytes, 1, segment.Bytes));
        }
        _events.Clear();
        _bytes = 0;
    }
}
