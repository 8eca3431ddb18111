using System.Globalization;
using Millrace.Events;
using Millrace.Storage;
using Millrace.Storage.Archives;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace.Archiving;

/// <summary>Writes what the store records about its archive.</summary>
internal sealed class ArchiveCommits(EventStore store, IStorage inner, ArchiveOptions options)
{
    private const int CommitEvents = 50;
    private const int PauseFactor = 3; // Commits of a run take at most a quarter of the time.

    private long? _lastNumber;

    public ArchiveIndex Index { get; } = new(inner.Documents);

    /// <summary>Returns the header, and creates it if the store has no archive.</summary>
    /// <exception cref="ArchiveException">The archive of the store is in another place, or the store is being
    /// moved.</exception>
    public async Task<ArchiveHeader> GetHeader(CancellationToken cancellationToken)
    {
        _lastNumber = null; // Other nodes may have written segments since the last run.
        await ThrowIfMoving(cancellationToken).ConfigureAwait(false);
        await inner.Documents.EnsureCollection(ArchiveIndex.Definition, cancellationToken).ConfigureAwait(false);
        if (await Index.FindHeader(cancellationToken).ConfigureAwait(false) is { } found)
            return Checked(found);
        var header = new ArchiveHeader(EventIds.New(store.Time.GetUtcNow()), options.Place!.Description, Address);
        var refusal = await Commit([ArchiveIndex.Put(header)], [], cancellationToken).ConfigureAwait(false);
        if (refusal is null)
            return header;
        return await Index.FindHeader(cancellationToken).ConfigureAwait(false) is { } other
            ? Checked(other)
            : throw refusal;
    }

    /// <summary>
    /// Throws an exception if the store is being moved: the events that were already copied would differ from those
    /// that are archived or restored here.
    /// </summary>
    /// <exception cref="ArchiveException">The store is being moved.</exception>
    private async Task ThrowIfMoving(CancellationToken cancellationToken)
    {
        var current = inner is MoveAwareStorage moved ? moved.Current : inner;
        if (current is IMovableStorage movable
            && await movable.Moves.GetState(cancellationToken).ConfigureAwait(false)
                is { Role: not MoveRole.None, Other: var other })
            throw new ArchiveException(
                $"{inner.Description} is being moved, and the other storage is {other}. Archive after the move.");
    }

    /// <summary>Records that a segment is being written. Its number is the next one, and is never used again.</summary>
    public async Task<ArchiveSegment> Start(
        ArchiveHeader header,
        IReadOnlyList<RecordedEvent> events,
        string extension,
        string? by,
        CancellationToken cancellationToken)
    {
        var number = _lastNumber ?? await FindLast(header, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            _lastNumber = ++number;
            var now = store.Time.GetUtcNow();
            // Names are never used twice, also if an earlier state of the store is restored.
            var name = $"{header.Id:N}/{number:D12}-{EventIds.New(now):N}{extension}";
            var segment = new ArchiveSegment(
                number,
                name,
                ArchiveSegmentState.Pending,
                events.Count,
                events[0].Position,
                events[^1].Position,
                now,
                by);
            var refusal = await Commit([ArchiveIndex.Put(segment)], [], cancellationToken).ConfigureAwait(false);
            if (refusal is null)
                return await Index.Find(number, cancellationToken).ConfigureAwait(false)
                    ?? throw Interrupted(segment);
            if (refusal is not DocumentConflictException)
                throw refusal;
        }
    }

    /// <summary>
    /// Records a written segment, and replaces the contents of events. Each commit is short, and a pause follows, so
    /// that appends hardly wait. After an interruption, the other events are still in the store.
    /// </summary>
    /// <exception cref="ArchiveException">Another process changed the segment meanwhile.</exception>
    public async Task Complete(
        ArchiveSegment segment, RecordedEvent[] replacements, CancellationToken cancellationToken)
    {
        var archived = segment with { State = ArchiveSegmentState.Archived };
        for (var i = 0; i < replacements.Length; i += CommitEvents)
        {
            var page = replacements[i..Math.Min(i + CommitEvents, replacements.Length)];
            var started = TimeProvider.System.GetTimestamp();
            // Each commit writes the segment, so that another process cannot mark it as unused meanwhile.
            var refusal = await Commit([ArchiveIndex.Put(archived)], page, cancellationToken).ConfigureAwait(false);
            if (refusal is DocumentConflictException)
                throw Interrupted(segment);
            if (refusal is not null)
                throw refusal;
            if (page.Length < CommitEvents)
                return;
            var pause = TimeProvider.System.GetElapsedTime(started) * PauseFactor;
            await Task.Delay(pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            archived = await FindAgain(archived, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ArchiveSegment> FindAgain(ArchiveSegment written, CancellationToken cancellationToken)
    {
        var found = await Index.Find(written.Number, cancellationToken).ConfigureAwait(false);
        return found is not null && found with { Version = written.Version } == written
            ? found
            : throw Interrupted(written);
    }

    /// <summary>
    /// Records that the store does not refer to a segment any more. Its object stays: backups and copies of the store
    /// can refer to it.
    /// </summary>
    public async Task MarkUnused(ArchiveSegment segment, CancellationToken cancellationToken)
    {
        var unused = segment with { State = ArchiveSegmentState.Unused };
        var refusal = await Commit([ArchiveIndex.Put(unused)], [], cancellationToken).ConfigureAwait(false);
        if (refusal is not (null or DocumentConflictException)) // Another process has marked it.
            throw refusal;
    }

    /// <summary>Records up to where scheduled runs have archived, unless another run has recorded it.</summary>
    public async Task Record(ArchiveProgress progress, bool isClosed, CancellationToken cancellationToken)
    {
        var refusal = await Commit([ArchiveIndex.Put(progress, isClosed)], [], cancellationToken)
            .ConfigureAwait(false);
        if (refusal is not (null or DocumentConflictException))
            throw refusal;
    }

    /// <summary>Commits changes, and returns the refusal; null if they are stored.</summary>
    /// <exception cref="ArchiveException">Contents would be replaced, and the store is being moved.</exception>
    public async Task<MillraceException?> Commit(
        IReadOnlyList<DocumentChange> documents,
        IReadOnlyList<RecordedEvent> replacements,
        CancellationToken cancellationToken)
    {
        if (replacements.Count > 0)
            await ThrowIfMoving(cancellationToken).ConfigureAwait(false);
        var request = new CommitRequest { Documents = documents, Replacements = replacements };
        var outcome = await store.TryCommit(request, isBackground: true, cancellationToken).ConfigureAwait(false);
        return outcome.Refusal;
    }

    private string? Address => options.Address ?? (options.Place as DirectoryObjectStorage)?.Root;

    /// <summary>
    /// Returns the highest number in the store and in the place. After a restore of an earlier state, or in a copy,
    /// only the place knows all.
    /// </summary>
    private async Task<long> FindLast(ArchiveHeader header, CancellationToken cancellationToken)
    {
        var last = 0L;
        await foreach (var segment in Index.ListAll(cancellationToken).ConfigureAwait(false))
            last = segment.Number;
        var prefix = $"{header.Id:N}/";
        await foreach (var found in options.Place!.List(prefix, cancellationToken).ConfigureAwait(false))
        {
            var number = found.Name.AsSpan(prefix.Length);
            var end = number.IndexOf('-');
            if (end > 0
                && long.TryParse(number[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var used))
                last = Math.Max(last, used);
        }
        return last;
    }

    private ArchiveHeader Checked(ArchiveHeader header) => header.Place == options.Place!.Description
        ? header
        : throw new ArchiveException(
            $"The archive of {inner.Description} is in {header.Place}, and not in {options.Place.Description}. Use the "
                + "same place, or restore the archived events first.");

    private ArchiveException Interrupted(ArchiveSegment segment) =>
        new(
            $"The record of segment '{segment.Name}' in {options.Place!.Description} was changed before it was "
                + "complete. Its other events are still in the store. Run the archive again.");
}
