using Millrace.Backups.Format;

namespace Millrace.Backups;

/// <summary>Chooses the objects from which a store is restored.</summary>
internal sealed class RestorePlanner
{
    private readonly BackupPlace _place;
    private readonly BackupContents _contents;
    private readonly RestorablePositions _positions;
    private readonly Dictionary<TableCopyName, DamagedObject?> _copies = [];
    private readonly string _logEnd;
    private string? _onlyCopy;

    /// <param name="place">The place.</param>
    /// <param name="contents">The set.</param>
    /// <param name="damaged">The names of objects that are known to be damaged.</param>
    public RestorePlanner(BackupPlace place, BackupContents contents, IReadOnlySet<string> damaged)
    {
        (_place, _contents) = (place, contents);
        _positions = new RestorablePositions(
            contents.Log.TakeWhile(part => !damaged.Contains(part.Name)), contents.Copies);
        _logEnd = EndOfLog(damaged);
    }

    private long LastPosition => _positions.LastPosition;

    /// <exception cref="BackupException">The set cannot restore this point. The message names points that it
    /// can.</exception>
    public async Task<RestorePlan> Plan(RestorePoint point, CancellationToken cancellationToken)
    {
        var positions = point == RestorePoint.Latest
            ? _positions.List()
            : [await FindPosition(point, cancellationToken).ConfigureAwait(false)];
        long? tried = null;
        foreach (var position in positions)
        {
            tried ??= position;
            if (await TryPlan(position, cancellationToken).ConfigureAwait(false) is { } plan)
                return plan;
        }
        throw new BackupException(
            $"Backup set {_contents.Id} in {_place.Description} cannot restore position "
                + $"{tried ?? LastPosition}: {Reason(tried ?? LastPosition)}");
    }

    /// <summary>Plans the rest of a restore that was interrupted, with the same table copy.</summary>
    /// <returns>The plan; null if the set does not have the objects any more.</returns>
    public async Task<RestorePlan?> PlanRest(long position, string copy, CancellationToken cancellationToken)
    {
        _onlyCopy = copy;
        return position <= LastPosition
            ? await TryPlan(position, cancellationToken).ConfigureAwait(false)
            : null;
    }

    /// <summary>Returns the last position at a point that is not the latest one.</summary>
    public Task<long> Find(RestorePoint point, CancellationToken cancellationToken) =>
        FindPosition(point, cancellationToken);

    /// <summary>Returns why the log ends at its last position.</summary>
    private string EndOfLog(IReadOnlySet<string> damaged)
    {
        if (_positions.FirstMissing is var (first, last))
            return $"it lacks the log from position {first} to {last}";
        return _contents.Log.FirstOrDefault(part => damaged.Contains(part.Name)) is { } part
            ? $"'{part.Name}' is damaged"
            : "it ends there";
    }

    private async Task<RestorePlan?> TryPlan(long position, CancellationToken cancellationToken)
    {
        foreach (var end in _positions.FindEnds(position))
        {
            if (await TryPlan(position, end, cancellationToken).ConfigureAwait(false) is { HasAllChanges: true } plan)
                return plan;
        }
        return await TryPlan(position, null, cancellationToken).ConfigureAwait(false);
    }

    private async Task<RestorePlan?> TryPlan(long position, int? end, CancellationToken cancellationToken)
    {
        var copies = _contents.Copies.Reverse().Where(one => one.Position <= position);
        if (_onlyCopy is { } only)
            copies = copies.Where(one => one.Name == only);
        foreach (var complete in copies)
        {
            var isAtCopy = complete.Position == position;
            var lastObject = end is { } index && _positions.HasAllChanges(complete, index) ? end : null;
            if (!isAtCopy && lastObject is null)
                continue; // Changes after this table copy are missing.
            if (await FindDamage(complete, cancellationToken).ConfigureAwait(false) is null)
                return new RestorePlan(
                    position, complete, LogOf(position, lastObject), lastObject is not null, Damaged());
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
    private IReadOnlyList<LogObjectName> LogOf(long position, int? end)
    {
        var lastNumber = end is { } index ? _positions.Log[index].ToNumber : 0;
        return [.. _positions.Log.Where(part => part.FromNumber <= lastNumber || part.First <= position)];
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
        foreach (var part in _positions.Log)
        {
            // The time in the name has no fractions of a millisecond.
            if (part.Last >= part.First && DateTimeOffset.FromUnixTimeMilliseconds(part.LastTime + 1) <= point.Time)
            {
                found = Math.Max(found, part.Last);
                continue;
            }
            var (_, content) = await _place.GetLog(part.Name, cancellationToken).ConfigureAwait(false);
            using var events = LogContent.ReadEvents(content).GetEnumerator();
            while (_place.Read(part.Name, events.MoveNext))
            {
                if (events.Current.Timestamp > point.Time)
                    return found;
                found = Math.Max(found, events.Current.Position);
            }
        }
        return found;
    }

    /// <summary>Returns why a position cannot be restored, and what can.</summary>
    public string Reason(long position)
    {
        if (Damaged() is [var first, ..])
            return $"{first.Problem} Restore a position before it, or another set.";
        if (LastPosition < _contents.LastPosition)
            return $"{_logEnd}. Restore a position before it, or another set.";
        var restorable = _positions.List().ToList();
        if (restorable.Count == 0)
            return _contents.Copies.Count == 0
                ? "it contains no copy of the tables yet. Wait until the first one is complete."
                : "it lacks changes before its first copy of the tables. Wait until the next one is complete.";
        var before = restorable.Where(one => one < position).Take(1);
        var after = restorable.Where(one => one > position).TakeLast(1);
        return "claims and handled ids of this position are not known. The nearest positions that can be restored: "
            + string.Join(", ", before.Concat(after).Append(restorable[0]).Distinct().Order()) + ".";
    }
}
