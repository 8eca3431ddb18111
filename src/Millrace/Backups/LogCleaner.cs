using Millrace.Backups.Format;
using Millrace.Storage.Moves;
using Millrace.Storage.Objects;

namespace Millrace.Backups;

/// <summary>
/// Removes from the log of a set what no restore needs: the events that were removed from the store before the oldest
/// table copy, and the changes before it. Each step cleans one object, while parts can be written. A marker in the
/// place states what was done, so that the log is read again only after new removals.
/// </summary>
internal sealed class LogCleaner(BackupPlace place)
{
    private const int RemovalId = 0; // A column of MovedTables.Removals.
    private const int MarkedSteps = 64;

    private CleanupPass? _pass;
    private int _steps;

    /// <summary>Gets the problem of the last object that could not be read; null if there was none.</summary>
    public string? Problem { get; private set; }

    /// <summary>Starts to clean a set, unless that is still being done.</summary>
    /// <param name="contents">The set.</param>
    /// <param name="cutoff">Positions after this time can be restored.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task Start(BackupContents contents, DateTimeOffset cutoff, CancellationToken cancellationToken)
    {
        if (_pass is not null
            || contents.Copies.MinBy(copy => copy.Time) is not { } copy
            || copy.Time >= cutoff.ToUnixTimeMilliseconds())
            return; // A position before the removals can be restored.
        var markers = await place.ListNames(CleanupMarker.Folder(contents.Id), cancellationToken).ConfigureAwait(false);
        var marker = markers.Select(CleanupMarker.Parse).OfType<CleanupMarker>().LastOrDefault(CleanupMarker.None);
        var removed = new RemovedVersions();
        var id = await ReadRemovals(copy, removed, cancellationToken).ConfigureAwait(false);
        // The rest of an interrupted pass is cleaned of all removals, but its first objects only of earlier ones.
        var target = new CleanupMarker(
            marker.IsComplete ? Math.Max(id, marker.Removal) : marker.Removal,
            copy.Position,
            contents.Copies.Min(one => one.Number),
            IsComplete: true);
        _pass = new CleanupPass(contents.Id, removed, marker, target);
        _steps = 0;
        if (target != marker)
            Problem = null;
    }

    /// <summary>Returns the next object to clean; null if there is none.</summary>
    public LogObjectName? FindNext(BackupContents contents) => _pass?.FindNext(contents);

    /// <summary>Cleans an object. Reports a damaged one, and continues with the next.</summary>
    public async Task Clean(LogObjectName part, CancellationToken cancellationToken)
    {
        if (_pass is not { } pass)
            return;
        try
        {
            await Clean(pass, part, cancellationToken).ConfigureAwait(false);
        }
        catch (BackupException exception)
        {
            Problem = exception.Message;
        }
        pass.Add(part);
        if (++_steps % MarkedSteps == 0)
            await Mark(pass, pass.Progress, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes the end of a pass, which has no more objects.</summary>
    public async Task End(BackupContents contents, CancellationToken cancellationToken)
    {
        if (_pass is not { } pass)
            return;
        if (pass.Set == contents.Id && pass.Target != pass.Marker)
            await Mark(pass, pass.Target, cancellationToken).ConfigureAwait(false);
        _pass = null;
    }

    /// <summary>Reads the removals in a table copy, and returns the number of the last one.</summary>
    private async Task<long> ReadRemovals(
        TableCopyName copy, RemovedVersions removed, CancellationToken cancellationToken)
    {
        var last = 0L;
        var (complete, _) = await place.Get(copy.Name, cancellationToken).ConfigureAwait(false);
        foreach (var name in complete.Objects ?? [])
        {
            var (info, content) = await place.Get(name, cancellationToken).ConfigureAwait(false);
            if (info.Table != MovedTables.Removals.Name || info.Fields is not null)
                return last; // Removals are the first table.
            foreach (var row in place.Read(name, () => RestoredRows.Read(content, MovedTables.Removals, info.Count)))
            {
                removed.Add(row);
                last = Math.Max(last, row[RemovalId] is long id ? id : 0);
            }
        }
        return last;
    }

    /// <summary>Writes an object again without what is not needed, under the same name.</summary>
    private async Task Clean(CleanupPass pass, LogObjectName part, CancellationToken cancellationToken)
    {
        var (info, content) = await place.Get(part.Name, cancellationToken).ConfigureAwait(false);
        var events = new ContentWriter();
        var kept = place.Read(part.Name, () => WriteKept(events, pass, content));
        var dropsChanges = info.Changes > 0 && pass.IsBeforeCopies(part);
        if (kept == info.Count && !dropsChanges)
            return;
        var cleaned = info with { Count = kept, Changes = dropsChanges ? 0 : info.Changes };
        await place
            .Put(
                part.Name,
                cleaned,
                LogContent.Of(events, dropsChanges ? default : LogContent.ChangesOf(content)),
                cancellationToken)
            .ConfigureAwait(false);
    }

    private static long WriteKept(ContentWriter events, CleanupPass pass, ReadOnlyMemory<byte> content)
    {
        var kept = 0L;
        foreach (var recorded in LogContent.ReadEvents(content))
        {
            if (pass.Removed.Contains(recorded))
                continue;
            EventCoder.Write(events, recorded);
            kept++;
        }
        return kept;
    }

    private async Task Mark(CleanupPass pass, CleanupMarker marker, CancellationToken cancellationToken)
    {
        var name = marker.NameIn(pass.Set);
        var info = new BackupInfo { Kind = "removed", Store = pass.Set.Store, Epoch = pass.Set.Epoch };
        await place.Put(name, info, cancellationToken).ConfigureAwait(false);
        var names = await place.ListNames(CleanupMarker.Folder(pass.Set), cancellationToken).ConfigureAwait(false);
        try
        {
            foreach (var earlier in names.Where(one => string.CompareOrdinal(one, name) < 0))
                await place.Delete(earlier, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectStorageException exception) when (exception.Problem == ObjectStorageProblem.Denied)
        {
            // The last marker counts.
        }
    }
}
