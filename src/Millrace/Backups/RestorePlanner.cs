using Millrace.Backups.Format;

namespace Millrace.Backups;

/// <summary>Chooses the objects from which a store is restored.</summary>
internal sealed class RestorePlanner(BackupPlace place, BackupContents contents)
{
    /// <exception cref="BackupException">The set cannot restore this point. The message names points that it
    /// can.</exception>
    public async Task<RestorePlan> Plan(RestorePoint point, CancellationToken cancellationToken)
    {
        ThrowIfIncomplete();
        var position = await FindPosition(point, cancellationToken).ConfigureAwait(false);
        var end = await FindEnd(position, cancellationToken).ConfigureAwait(false);
        if (end < 0 && point == RestorePoint.Latest && contents.Copies.Count > 0)
        {
            // Backups by command know all tables only there.
            position = Math.Min(position, contents.Copies[^1].Position);
        }
        for (var i = contents.Copies.Count - 1; i >= 0; i--)
        {
            var complete = contents.Copies[i];
            if (complete.Position > position)
                continue;
            var isAtCopy = complete.Position == position;
            var isAfterCopy = end >= 0 && !HasGap(complete, end);
            if (isAtCopy || isAfterCopy)
                return new RestorePlan(position, complete, LogOf(position, isAfterCopy ? end : -1));
            break; // An earlier table copy would have the same gap.
        }
        throw new BackupException(
            $"Backup set {contents.Id} in {place.Description} cannot restore position {position}: {Reason()}");
    }

    private IReadOnlyList<LogObjectName> LogOf(long position, int end) =>
        [.. contents.Log.Where((part, i) => i <= end || part.First <= position)];

    private bool HasGap(TableCopyName complete, int end)
    {
        for (var i = 0; i <= end; i++)
        {
            if (contents.Log[i].FollowsGap && contents.Log[i].FromNumber > complete.Number)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Returns the index of the object up to which all changes up to the position are known; -1 for none.
    /// </summary>
    private async Task<int> FindEnd(long position, CancellationToken cancellationToken)
    {
        if (contents.Log.Count == 0)
            return -1;
        // Changes without events after the last position are wanted too.
        for (var i = position >= contents.LastPosition ? contents.Log.Count - 1 : 0; i < contents.Log.Count; i++)
        {
            if (contents.Log[i].Last < position)
                continue;
            var (info, _) = await place.Get(contents.Log[i].Name, cancellationToken).ConfigureAwait(false);
            if (info.HasAllChanges)
                return i;
        }
        return -1;
    }

    private async Task<long> FindPosition(RestorePoint point, CancellationToken cancellationToken)
    {
        if (point.Position is { } position)
        {
            return position >= 0 && position <= contents.LastPosition
                ? position
                : throw new BackupException(
                    $"Position {position} is not in backup set {contents.Id} of {place.Description}, which ends at "
                        + "position "
                        + $"{contents.LastPosition}.");
        }
        if (point.Time is not { } time)
            return contents.LastPosition;
        var found = 0L;
        foreach (var part in contents.Log)
        {
            if (part.Last >= part.First && DateTimeOffset.FromUnixTimeMilliseconds(part.LastTime) < time)
            {
                found = Math.Max(found, part.Last);
                continue;
            }
            var (_, content) = await place.Get(part.Name, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in LogContent.ReadEvents(content))
            {
                if (recorded.Timestamp > time)
                    return found;
                found = Math.Max(found, recorded.Position);
            }
        }
        return found;
    }

    /// <summary>Throws an exception if positions between the first and the last are in no object.</summary>
    private void ThrowIfIncomplete()
    {
        var covered = 0L;
        foreach (var part in contents.Log)
        {
            if (part.First > covered + 1)
                throw new BackupException(
                    $"Backup set {contents.Id} in {place.Description} lacks the log from position {covered + 1} to "
                        + $"{part.First - 1}: an object was removed. Restore a position before, or use another set.");
            covered = Math.Max(covered, part.Last);
        }
    }

    private string Reason() => contents.Copies.Count == 0
        ? "it contains no copy of the tables yet. Wait until the first one is complete."
        : "claims and handled ids of this position are not known. Choose one of these positions, or one after "
            + "the last: "
            + string.Join(", ", contents.Copies.TakeLast(10).Select(one => one.Position)) + ".";
}
