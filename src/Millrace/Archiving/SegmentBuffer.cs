using Millrace.Storage.Archives;

namespace Millrace.Archiving;

/// <summary>Collects events up to the size of a segment, and then moves their contents to one.</summary>
/// <remarks>
/// A segment contains events in the order of the log, so that a rebuild reads each segment once. It is written and read
/// back before one commit replaces the contents by references.
/// </remarks>
/// <param name="header">The header; null to archive nothing.</param>
/// <param name="by">The user.</param>
/// <param name="options">The options.</param>
/// <param name="commits">What the store records.</param>
/// <param name="segments">The segments.</param>
/// <param name="written">Receives each segment after its commit, without the number of streams.</param>
internal sealed class SegmentBuffer(
    ArchiveHeader? header,
    string? by,
    ArchiveOptions options,
    ArchiveCommits commits,
    SegmentStorage segments,
    Action<ArchiveReport> written)
{
    private readonly List<RecordedEvent> _events = [];
    private long _bytes;

    /// <summary>Gets what was archived, without the number of streams.</summary>
    public ArchiveReport Report { get; private set; } = new(0, 0, 0, 0, 0);

    public async ValueTask Add(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        _events.Add(recorded.Detached());
        _bytes += recorded.Payload.Length + recorded.MetadataBytes.Length;
        if (_events.Count >= options.SegmentEvents || _bytes >= options.SegmentBytes)
            await Write(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Moves the remaining events.</summary>
    public async ValueTask Complete(CancellationToken cancellationToken)
    {
        if (_events.Count > 0)
            await Write(cancellationToken).ConfigureAwait(false);
    }

    private async Task Write(CancellationToken cancellationToken)
    {
        _events.Sort(static (one, other) => one.Position.CompareTo(other.Position));
        Report = Report with
        {
            Events = Report.Events + _events.Count,
            ContentBytes = Report.ContentBytes + _bytes,
            Segments = Report.Segments + 1,
        };
        if (header is not null)
        {
            var started = await commits.Start(header, _events, segments.Extension, by, cancellationToken)
                .ConfigureAwait(false);
            var segment = await segments.Write(started, _events, cancellationToken).ConfigureAwait(false);
            var references = _events.Select((one, i) => new ArchiveReference(started.Number, i).PutInto(one)).ToArray();
            await commits.Complete(segment, references, cancellationToken).ConfigureAwait(false);
            Report = Report with { SegmentBytes = Report.SegmentBytes + segment.Bytes };
            written(new ArchiveReport(0, references.Length, _bytes, 1, segment.Bytes));
        }
        _events.Clear();
        _bytes = 0;
    }
}
