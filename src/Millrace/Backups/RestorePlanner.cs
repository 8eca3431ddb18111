using Millrace.Backups.Format;

namespace Millrace.Backups;

/// <summary>Chooses the objects from which a store is restored.</summary>
internal sealed class RestorePlanner
{
    private readonly BackupPlace _place;
    private readonly BackupContents _contents;
    private readonly List<LogObjectName> _log = [];
    private readonly List<long> _through = []; // The last position up to each object.
    private readonly Dictionary<TableCopyName, DamagedObject?> _copies = [];
    private readonly string _logEnd;

    /// <param name="place">The place.</param>
    /// <param name="contents">The set.</param>
    /// <param name="damaged">The names of objects that are known to be damaged.</param>
    public RestorePlanner(BackupPlace place, BackupContents contents, IReadOnlySet<string> damaged)
    {
        (_place, _contents) = (place, contents);
        _logEnd = TakeLog(damaged);
    }

    private long LastPosition => _through.Count == 0 ? 0 : _through[^1];

    /// <exception cref="BackupException">The set cannot restore this point. The message names points that it
    /// can.</exception>
    public async Task<RestorePlan> Plan(RestorePoint point, CancellationToken cancellationToken)
    {
        var positions = point == RestorePoint.Latest
            ? await FindLatest(cancellationToken).ConfigureAwait(false)
            : [await FindPosition(point, cancellationToken).ConfigureAwait(false)];
        foreach (var position in positions)
        {
            if (await TryPlan(position, cancellationToken).ConfigureAwait(false) is { } plan)
                return plan;
        }
        throw new BackupException(
            $"Backup set {_contents.Id} in {_place.Description} cannot restore position "
                + $"{positions.FirstOrDefault(LastPosition)}: {Reason()}");
    }

    /// <summary>Takes the objects with the log up to the first missing or damaged one.</summary>
    private string TakeLog(IReadOnlySet<string> damaged)
    {
        var covered = 0L;
        foreach (var part in _contents.Log)
        {
            if (part.First > covered + 1)
                return $"it lacks the log from position {covered + 1} to {part.First - 1}";
            if (damaged.Contains(part.Name))
                return $"'{part.Name}' is damaged";
            _log.Add(part);
            _through.Add(covered = Math.Max(covered, part.Last));
        }
        return "it ends there";
    }

    /// <summary>
    /// Returns the positions that can be the latest one. After a backup by command, all tables are known only as of the
    /// table copy.
    /// </summary>
    private async Task<List<long>> FindLatest(CancellationToken cancellationToken)
    {
        var copies = _contents.Copies
            .Select(one => one.Position)
            .Where(position => position <= LastPosition)
            .OrderDescending()
            .ToList();
        for (var i = _log.Count - 1; i >= 0 && _through[i] >= copies.FirstOrDefault(-1); i--)
        {
            if (await HasAllChanges(i, cancellationToken).ConfigureAwait(false))
                return [_through[i], .. copies];
        }
        return copies;
    }

    private async Task<RestorePlan?> TryPlan(long position, CancellationToken cancellationToken)
    {
        // The object with the next event also has all changes that were made at this position without an event.
        var end = await FindEnd(position + 1, cancellationToken).ConfigureAwait(false);
        var plan = await TryPlan(position, end, cancellationToken).ConfigureAwait(false);
        if (plan?.HasAllChanges is true)
            return plan;
        end = await FindEnd(position, cancellationToken).ConfigureAwait(false);
        return await TryPlan(position, end, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RestorePlan?> TryPlan(long position, int end, CancellationToken cancellationToken)
    {
        foreach (var complete in _contents.Copies.Reverse().Where(one => one.Position <= position))
        {
            var isAtCopy = complete.Position == position;
            var isAfterCopy = end >= 0 && !HasGap(complete, end);
            if (!isAtCopy && !isAfterCopy)
                continue; // Changes after this table copy are missing.
            if (await FindDamage(complete, cancellationToken).ConfigureAwait(false) is null)
                return new RestorePlan(
                    position, complete, LogOf(position, isAfterCopy ? end : -1), isAfterCopy, Damaged());
        }
        return null;
    }

    private List<DamagedObject> Damaged() => [.. _copies.Values.OfType<DamagedObject>()];

    /// <summary>Reads a table copy before a row of it is written, because an earlier one can replace it.</summary>
    private async Task<DamagedObject?> FindDamage(TableCopyName copy, CancellationToken cancellationToken)
    {
        if (_copies.TryGetValue(copy, out var known))
            return known;
        DamagedObject? damage = null;
        try
        {
            var (info, _) = await _place.Get(copy.Name, cancellationToken).ConfigureAwait(false);
            foreach (var name in info.Objects ?? [])
                await _place.Get(name, cancellationToken).ConfigureAwait(false);
        }
        catch (BackupException exception) when (exception.DamagedObject is { } name)
        {
            damage = new DamagedObject(name, exception.Message);
        }
        _copies.Add(copy, damage);
        return damage;
    }

    /// <summary>Parts that two nodes wrote at the same time have the same number, and are all read.</summary>
    private IReadOnlyList<LogObjectName> LogOf(long position, int end)
    {
        var lastNumber = end < 0 ? 0 : _log[end].ToNumber;
        return [.. _log.Where(part => part.FromNumber <= lastNumber || part.First <= position)];
    }

    private bool HasGap(TableCopyName complete, int end)
    {
        for (var i = 0; i <= end; i++)
        {
            if (_log[i].FollowsGap && _log[i].FromNumber > complete.Number)
                return true;
        }
        return false;
    }

    /// <summary>
    /// Returns the index of the object up to which all changes up to the position are known; -1 for none.
    /// </summary>
    private async Task<int> FindEnd(long position, CancellationToken cancellationToken)
    {
        // Changes without events after the last position are wanted too.
        for (var i = _log.Count - 1; position >= LastPosition && i >= 0 && _through[i] >= position; i--)
        {
            if (await HasAllChanges(i, cancellationToken).ConfigureAwait(false))
                return i;
        }
        for (var i = 0; i < _log.Count; i++)
        {
            if (_log[i].Last >= position && await HasAllChanges(i, cancellationToken).ConfigureAwait(false))
                return i;
        }
        return -1;
    }

    private async Task<bool> HasAllChanges(int index, CancellationToken cancellationToken)
    {
        var (info, _) = await _place.Get(_log[index].Name, cancellationToken).ConfigureAwait(false);
        return info.HasAllChanges;
    }

    private async Task<long> FindPosition(RestorePoint point, CancellationToken cancellationToken)
    {
        if (point.Position is { } position)
        {
            return position >= 0 && position <= LastPosition
                ? position
                : throw new BackupException(
                    $"Position {position} cannot be restored from backup set {_contents.Id} of {_place.Description}. "
                        + $"Its last position is {LastPosition}: {_logEnd}.");
        }
        var found = 0L;
        foreach (var part in _log)
        {
            if (part.Last >= part.First && DateTimeOffset.FromUnixTimeMilliseconds(part.LastTime) < point.Time)
            {
                found = Math.Max(found, part.Last);
                continue;
            }
            var (_, content) = await _place.Get(part.Name, cancellationToken).ConfigureAwait(false);
            foreach (var recorded in LogContent.ReadEvents(content))
            {
                if (recorded.Timestamp > point.Time)
                    return found;
                found = Math.Max(found, recorded.Position);
            }
        }
        return found;
    }

    private string Reason()
    {
        if (Damaged() is [var first, ..])
            return $"{first.Problem} Restore a position before it, or another set.";
        if (LastPosition < _contents.LastPosition)
            return $"{_logEnd}. Restore a position before it, or another set.";
        return _contents.Copies.Count == 0
            ? "it contains no copy of the tables yet. Wait until the first one is complete."
            : "claims and handled ids of this position are not known. Choose one of these positions, or one after "
                + "the last: "
                + string.Join(", ", _contents.Copies.TakeLast(10).Select(one => one.Position)) + ".";
    }
}
