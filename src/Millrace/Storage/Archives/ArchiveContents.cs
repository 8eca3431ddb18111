using Millrace.Storage.Objects;

namespace Millrace.Storage.Archives;

/// <summary>Replaces references to an archive by the archived contents. Thread-safe.</summary>
internal sealed class ArchiveContents
{
    private readonly IStorage _inner;
    private readonly ArchiveIndex _index;
    private readonly ArchiveAccess? _access;
    private readonly SegmentCache _cache;
    private SegmentStorage? _segments;

    /// <param name="inner">The storage with the references.</param>
    /// <param name="access">How the archive is read; null if the program cannot read it.</param>
    public ArchiveContents(IStorage inner, ArchiveAccess? access)
    {
        (_inner, _access) = (inner, access);
        _index = new ArchiveIndex(inner.Documents);
        _cache = new SegmentCache(access?.CacheBytes ?? 0, ReadCounted, access?.Reads);
    }

    /// <summary>Throws an exception if the store has an archive that the program cannot read.</summary>
    /// <exception cref="ArchiveRequiredException">The store has archived events.</exception>
    public async ValueTask Check(CancellationToken cancellationToken)
    {
        if (_access is not null || await _index.FindHeader(cancellationToken).ConfigureAwait(false) is not { } header)
            return;
        await foreach (var segment in _index.ListAll(cancellationToken).ConfigureAwait(false))
        {
            if (segment.State == ArchiveSegmentState.Archived)
                throw new ArchiveRequiredException(_inner.Description, header.Place);
        }
    }

    /// <summary>Returns a page with the contents of its events.</summary>
    /// <param name="page">The page.</param>
    /// <param name="isBrief">True if the caller does not need payload and metadata.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public ValueTask<EventPage> Resolve(EventPage page, bool isBrief, CancellationToken cancellationToken) =>
        page.Events is null || !HasReference(page.Events)
            ? new ValueTask<EventPage>(page)
            : ResolvePage(page, isBrief, cancellationToken);

    /// <summary>Returns events with their contents.</summary>
    public async ValueTask<IReadOnlyList<RecordedEvent>> Resolve(
        IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        if (!HasReference(events))
            return events;
        var resolved = events.ToArray();
        // Each segment is used once, however the events of the page are distributed.
        var bySegment = Enumerable.Range(0, resolved.Length)
            .Where(i => ArchiveReference.IsIn(resolved[i]))
            .GroupBy(i => ArchiveReference.Of(resolved[i]).Segment)
            .ToArray();
        foreach (var group in bySegment)
        {
            foreach (var i in group)
                resolved[i] = await Resolve(resolved[i], cancellationToken).ConfigureAwait(false);
        }
        return resolved;
    }

    /// <summary>Returns an event with its content.</summary>
    public async ValueTask<RecordedEvent> Resolve(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (!ArchiveReference.IsIn(recorded))
            return recorded;
        try
        {
            return await ReadContent(recorded, cancellationToken).ConfigureAwait(false);
        }
        catch (ArchiveException exception) when (exception.IsMissing)
        {
            // The event may have been restored after it was read, and the segment removed by an operator.
            var query = new LogPageQuery(EventFilter.All, recorded.Position, IsBackwards: false, 1);
            var page = await _inner.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            if (page.Events is not [var current] || !StoredEventComparer.IsSame(current, recorded)
                || current.Payload.Span.SequenceEqual(recorded.Payload.Span))
                throw;
            return ArchiveReference.IsIn(current)
                ? await ReadContent(current, cancellationToken).ConfigureAwait(false)
                : current;
        }
    }

    private static bool HasReference(IReadOnlyList<RecordedEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (ArchiveReference.IsIn(events[i]))
                return true;
        }
        return false;
    }

    private async ValueTask<EventPage> ResolvePage(
        EventPage page, bool isBrief, CancellationToken cancellationToken)
    {
        if (_access is null)
            throw await Required(cancellationToken).ConfigureAwait(false);
        return page with
        {
            Events = isBrief
                ? [.. page.Events.Select(WithoutContent)]
                : await Resolve(page.Events, cancellationToken).ConfigureAwait(false),
        };
    }

    private static RecordedEvent WithoutContent(RecordedEvent recorded) => ArchiveReference.IsIn(recorded)
        ? recorded.WithContent(ArchiveReference.ContentTypeOf(recorded), default, default)
        : recorded;

    private async ValueTask<RecordedEvent> ReadContent(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var reference = ArchiveReference.Of(recorded);
        var events = await ReadEvents(reference.Segment, cancellationToken).ConfigureAwait(false);
        var archived = reference.Row >= 0 && reference.Row < events.Count ? events[reference.Row] : null;
        return archived is not null && StoredEventComparer.IsSame(archived, recorded)
            ? recorded.WithContent(archived.ContentType, archived.Payload, archived.MetadataBytes)
            : throw new StorageException(
                $"The event at position {recorded.Position} refers to row {reference.Row} of segment "
                    + $"{reference.Segment} of the archive, which contains another event. Run: millrace verify",
                StorageProblem.Damaged);
    }

    /// <summary>
    /// Returns the events of a segment. An error of its place is an error of the archive, so that callers can
    /// distinguish it from errors of the application's own object storage.
    /// </summary>
    private async ValueTask<IReadOnlyList<RecordedEvent>> ReadEvents(long segment, CancellationToken cancellationToken)
    {
        try
        {
            return await _cache.Get(segment, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectStorageException exception)
        {
            throw new ArchiveException(
                $"Segment {segment} of the archive cannot be read: {exception.Message}", exception)
            {
                PlaceProblem = exception.Problem,
            };
        }
    }

    private async Task<IReadOnlyList<RecordedEvent>> ReadCounted(long number, CancellationToken cancellationToken)
    {
        try
        {
            var events = await ReadSegment(number, cancellationToken).ConfigureAwait(false);
            _access?.Reads?.Read();
            return events;
        }
        catch (Exception exception)
        {
            _access?.Reads?.Failed(exception);
            throw;
        }
    }

    private async Task<IReadOnlyList<RecordedEvent>> ReadSegment(long number, CancellationToken cancellationToken)
    {
        if (_access is not { } access)
            throw await Required(cancellationToken).ConfigureAwait(false);
        if (Volatile.Read(ref _segments) is not { } segments)
        {
            var header = await _index.FindHeader(cancellationToken).ConfigureAwait(false)
                ?? throw new StorageException(
                    "The store refers to an archive that it does not record. Restore the store from a backup.",
                    StorageProblem.Damaged);
            segments = new SegmentStorage(access.Format, access.Open(header));
            Volatile.Write(ref _segments, segments);
        }
        var segment = await _index.Find(number, cancellationToken).ConfigureAwait(false)
            ?? throw new ArchiveException($"Segment {number} is not recorded in the store. Run: millrace verify")
            {
                IsMissing = true,
            };
        return await segments.Read(segment, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ArchiveRequiredException> Required(CancellationToken cancellationToken)
    {
        var header = await _index.FindHeader(cancellationToken).ConfigureAwait(false);
        return new ArchiveRequiredException(_inner.Description, header?.Place ?? "an unknown place");
    }
}
