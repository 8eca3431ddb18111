using Millrace.Storage.Objects;

namespace Millrace.Storage.Archives;

/// <summary>Checks each segment of an archive, and each reference of the store to it.</summary>
internal sealed class ArchiveVerification(
    IStorage storage, ArchiveIndex index, SegmentStorage segments, long cacheBytes)
{
    private const int MaxProblems = 100;
    private const int PageEvents = 500;

    private readonly Dictionary<long, ArchiveSegment> _segments = [];
    private readonly SortedSet<string> _damaged = new(StringComparer.Ordinal);
    private readonly HashSet<long> _unreadable = [];
    private readonly List<string> _problems = [];
    private long _archived;
    private long _referenced;

    public async Task<ArchiveCheckReport> Run(
        IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        try
        {
            await CheckSegments(progress, cancellationToken).ConfigureAwait(false);
            await CheckReferences(progress, cancellationToken).ConfigureAwait(false);
            return Report(Math.Max(0, _archived - _referenced), placeProblem: null);
        }
        catch (ObjectStorageException exception) when (IsPlaceUnusable(exception))
        {
            return Report(unused: 0, exception.Message);
        }
    }

    /// <summary>Returns whether no segment can be read, so that the error says nothing about this one.</summary>
    private static bool IsPlaceUnusable(ObjectStorageException exception) =>
        exception.Problem is ObjectStorageProblem.Unavailable or ObjectStorageProblem.Denied;

    private static bool IsDamage(Exception exception) =>
        exception is ArchiveException || exception is ObjectStorageException failure && !IsPlaceUnusable(failure);

    private ArchiveCheckReport Report(long unused, string? placeProblem) =>
        new(_segments.Count, _referenced, unused, [.. _damaged], _problems) { PlaceProblem = placeProblem };

    private async Task CheckSegments(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var all = index.ListAll(cancellationToken).ConfigureAwait(false);
        await foreach (var segment in all)
        {
            if (segment.State != ArchiveSegmentState.Archived)
                continue; // An unused segment is read only if an event refers to it.
            _segments.Add(segment.Number, segment);
            _archived += segment.Events;
            try
            {
                await segments.Read(segment, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (IsDamage(exception))
            {
                ReportDamage(segment, exception);
            }
            progress?.Report(new MaintenanceProgress(_segments.Count, 0, "segments"));
        }
    }

    private async Task CheckReferences(IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var head = await storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var cache = new SegmentCache(
            cacheBytes,
            (number, cancel) => segments.Read(_segments[number], cancel));
        var pages = storage.Log.ReadPages(new LogPageQuery(EventFilter.All, 1, IsBackwards: false, PageEvents));
        await using var _ = pages.ConfigureAwait(false);
        while (true)
        {
            var page = await pages.Next(cancellationToken).ConfigureAwait(false);
            foreach (var group in page.Events.Where(ArchiveReference.IsIn)
                .GroupBy(static one => ArchiveReference.Of(one).Segment))
                await CheckReferences(cache, group, cancellationToken).ConfigureAwait(false);
            progress?.Report(new MaintenanceProgress(page.Next - 1, head.Position, "archived events"));
            if (page.IsEnd)
                return;
        }
    }

    private async Task CheckReferences(
        SegmentCache cache, IGrouping<long, RecordedEvent> events, CancellationToken cancellationToken)
    {
        var rows = await FindRows(cache, events.Key, cancellationToken).ConfigureAwait(false);
        foreach (var recorded in events)
        {
            _referenced++;
            var row = ArchiveReference.Of(recorded).Row;
            var isSound = rows is not null && row >= 0 && row < rows.Count
                && StoredEventComparer.AreEqual(
                    rows[row], recorded.WithContent(ArchiveReference.ContentTypeOf(recorded), rows[row].Payload,
                        rows[row].MetadataBytes));
            if (!isSound && !_unreadable.Contains(events.Key)) // An unreadable segment is reported once.
                Report(
                    $"The event at position {recorded.Position} ({recorded.Stream}, version {recorded.Version}) is not "
                        + $"in row {row} of segment {events.Key}.");
        }
    }

    /// <summary>Returns the events of a segment; null if it is not recorded or cannot be read.</summary>
    private async ValueTask<IReadOnlyList<RecordedEvent>?> FindRows(
        SegmentCache cache, long number, CancellationToken cancellationToken)
    {
        if (_unreadable.Contains(number))
            return null;
        if (!_segments.TryGetValue(number, out var segment))
        {
            // A run may have completed it after the segments were listed.
            segment = await index.Find(number, cancellationToken).ConfigureAwait(false);
            if (segment is null or { State: ArchiveSegmentState.Pending })
                return null;
            _segments.Add(number, segment);
            _archived += segment.Events;
        }
        try
        {
            return await cache.Get(number, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsDamage(exception))
        {
            ReportDamage(segment, exception);
            return null;
        }
    }

    private void ReportDamage(ArchiveSegment segment, Exception exception)
    {
        _damaged.Add(segment.Name);
        _unreadable.Add(segment.Number);
        Report(exception.Message);
    }

    private void Report(string problem)
    {
        if (_problems.Count < MaxProblems)
            _problems.Add(problem);
    }
}
