using System.IO.Enumeration;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Storage.Archives;

namespace Millrace.Archiving;

/// <summary>
/// Decides which streams are archived. A restored stream is active at that time, so that the next run does not archive
/// it again. Remembers a limited number of decisions.
/// </summary>
internal sealed class StreamSelector(ILogStorage log, ArchiveIndex index, ArchiveSelection selection)
{
    private const int MaxKnown = 100_000;

    private readonly Dictionary<StreamId, bool> _known = [];
    private bool? _hasArchive;

    /// <summary>Gets the number of streams that are archived. Above 100,000 streams, it is approximate.</summary>
    public long Included { get; private set; }

    /// <summary>
    /// Gets the time of the earliest restoration because of which a stream is not archived; null for none.
    /// </summary>
    public DateTimeOffset? RestoredAt { get; private set; }

    /// <summary>Returns whether an event is archived.</summary>
    public ValueTask<bool> Includes(RecordedEvent recorded, CancellationToken cancellationToken) =>
        PlatformEvents.IsReserved(recorded.Type) ? new(false) : Includes(recorded.Stream, cancellationToken);

    /// <summary>Returns whether a stream is archived.</summary>
    public async ValueTask<bool> Includes(StreamId stream, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(stream, out var isIncluded))
            return isIncluded;
        isIncluded = await Decide(stream, cancellationToken).ConfigureAwait(false);
        if (_known.Count >= MaxKnown)
            _known.Clear();
        _known.Add(stream, isIncluded);
        Included += isIncluded ? 1 : 0;
        return isIncluded;
    }

    private async ValueTask<bool> Decide(StreamId stream, CancellationToken cancellationToken)
    {
        // Streams of Millrace; with tenants, the name of the tenant precedes.
        if (stream.Value.StartsWith('$') || stream.Value.Contains("/$", StringComparison.Ordinal))
            return false;
        if (selection.Streams is { Length: > 0 } pattern
            && !FileSystemName.MatchesSimpleExpression(pattern, stream.Value, ignoreCase: false))
            return false;
        if (!selection.IsClosed && selection.InactiveSince is null)
            return true;
        var head = await log.GetStream(stream, cancellationToken).ConfigureAwait(false);
        if (selection.IsClosed && head.State == StreamState.Open)
            return false;
        if (selection.InactiveSince is not { } since)
            return true;
        if (await LastChange(stream, head, cancellationToken).ConfigureAwait(false) >= since)
            return false;
        var restored = await LastRestoration(stream, cancellationToken).ConfigureAwait(false);
        if (!(restored >= since))
            return true;
        RestoredAt = RestoredAt < restored ? RestoredAt : restored;
        return false;
    }

    private async ValueTask<DateTimeOffset?> LastRestoration(StreamId stream, CancellationToken cancellationToken)
    {
        _hasArchive ??= await index.Exists(cancellationToken).ConfigureAwait(false);
        return _hasArchive.Value
            ? await index.FindRestorationTime(stream, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Returns the time of the last event, or of the removal of a stream that cannot be read.</summary>
    private async ValueTask<DateTimeOffset> LastChange(
        StreamId stream, StreamHead head, CancellationToken cancellationToken)
    {
        if (head.State == StreamState.Open)
        {
            var query = new StreamPageQuery(stream, long.MaxValue, IsBackwards: true, 1);
            var page = await log.ReadStream(query, cancellationToken).ConfigureAwait(false);
            return page.Events is [var last] ? last.Timestamp : DateTimeOffset.MaxValue;
        }
        var removals = await log.ListRemovals(stream, cancellationToken).ConfigureAwait(false);
        return removals.Count > 0 ? removals[^1].At : DateTimeOffset.MaxValue;
    }
}
