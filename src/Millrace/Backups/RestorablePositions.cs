using Millrace.Backups.Format;

namespace Millrace.Backups;

/// <summary>
/// Finds the positions that a table copy and the log of a set restore. Changes after a table copy are known up to the
/// next gap, and positions between two transactions only as of a table copy.
/// </summary>
internal sealed class RestorablePositions
{
    private readonly List<LogObjectName> _log = [];
    private readonly List<long> _through = []; // The last position up to each object.
    private readonly List<long> _lastGaps = []; // The number of the last object after a gap, up to each object.
    private readonly IReadOnlyList<TableCopyName> _copies;

    /// <param name="log">The objects with the log, in order, up to the first one that cannot be read.</param>
    /// <param name="copies">The table copies.</param>
    public RestorablePositions(IEnumerable<LogObjectName> log, IReadOnlyList<TableCopyName> copies)
    {
        _copies = copies;
        var (covered, gap) = (0L, 0L);
        foreach (var part in log)
        {
            if (part.First > covered + 1)
            {
                FirstMissing = (covered + 1, part.First - 1);
                break;
            }
            _log.Add(part);
            _through.Add(covered = Math.Max(covered, part.Last));
            _lastGaps.Add(gap = part.FollowsGap ? Math.Max(gap, part.FromNumber) : gap);
        }
    }

    /// <summary>Gets the objects up to the first missing position.</summary>
    public IReadOnlyList<LogObjectName> Log => _log;

    /// <summary>Gets the last position before the first missing one.</summary>
    public long LastPosition => _through.Count == 0 ? 0 : _through[^1];

    /// <summary>Gets the first missing positions; null if none are missing.</summary>
    public (long First, long Last)? FirstMissing { get; }

    /// <summary>Gets the last position that can be restored; null if there is none.</summary>
    public long? Latest => List().Cast<long?>().FirstOrDefault();

    /// <summary>Returns the positions that can be the last one of a restore, the last one first.</summary>
    public IEnumerable<long> List()
    {
        var copies = _copies
            .Select(copy => copy.Position)
            .Where(position => position <= LastPosition)
            .OrderDescending()
            .Distinct()
            .ToList();
        var next = 0;
        var last = long.MaxValue;
        for (var i = _log.Count - 1; i >= 0; i--)
        {
            while (next < copies.Count && copies[next] > _through[i])
                yield return last = copies[next++];
            if (_through[i] == last || !_log[i].HasAllChanges || !_copies.Any(copy => IsRestored(copy, i)))
                continue;
            yield return last = _through[i];
            if (next < copies.Count && copies[next] == last)
                next++;
        }
        for (; next < copies.Count; next++)
            yield return copies[next];
    }

    /// <summary>Returns true if the log has all changes between a table copy and the end of an object.</summary>
    public bool HasAllChanges(TableCopyName copy, int index) => _lastGaps[index] <= copy.Number;

    /// <summary>
    /// Returns the indexes of the objects that can be the last one of a restore of a position, the best one first. The
    /// object with the next event also has all changes that were made at this position without an event.
    /// </summary>
    public IEnumerable<int> FindEnds(long position)
    {
        if (FindFirst(position + 1) is { } following)
            yield return following;
        for (var i = _log.Count - 1; i >= 0 && _through[i] >= position; i--)
        {
            if (_through[i] == position && _log[i].HasAllChanges)
                yield return i;
        }
        if (FindFirst(position) is { } containing)
            yield return containing;
    }

    private bool IsRestored(TableCopyName copy, int index) =>
        copy.Position <= _through[index] && HasAllChanges(copy, index);

    private int? FindFirst(long position)
    {
        var found = _log.FindIndex(part => part.Last >= position && part.HasAllChanges);
        return found < 0 ? null : found;
    }
}
