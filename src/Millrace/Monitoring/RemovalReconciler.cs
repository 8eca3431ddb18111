using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Tells positions whose event was removed by record from those whose event was lost. Pure: it is told what a look
/// found, and what was recorded.
/// </summary>
/// <remarks>
/// A record names versions and not positions. How many of them lay in what is audited is known once the next event of
/// their stream is seen: exactly where the one before them was seen as well, and at most all of them where it was not.
/// That next event may have come only after this look, if the removal did: what is open then is carried to the next
/// look, which sees it.
/// </remarks>
internal sealed class RemovalReconciler
{
    private readonly List<NumberedRemoval> _removals = [];
    private long _open;

    /// <summary>Whether there is anything to explain.</summary>
    public bool IsNeeded(ContinuityCheck check) =>
        _open > 0 || check.Missing > 0 || check.Gaps.Any(gap => gap.Before is not null);

    /// <summary>Forgets what was not explained yet, since nothing is known of what lies before.</summary>
    public void Reset()
    {
        _open = 0;
        _removals.Clear();
    }

    /// <summary>Adds what was recorded since the look before began.</summary>
    public void Add(IReadOnlyList<NumberedRemoval> removals)
    {
        foreach (var removal in removals)
        {
            if (removal.Record.Events > 0)
                _removals.Add(removal);
        }
    }

    /// <summary>Explains what a look found.</summary>
    /// <param name="check">What it found.</param>
    /// <param name="mark">The number of the last removal when it began: the next event of what those removed, it has
    /// seen.</param>
    /// <param name="problems">Where it is told what is wrong.</param>
    /// <returns>How many positions nobody removed.</returns>
    public long Reconcile(ContinuityCheck check, long mark, List<string> problems)
    {
        var removed = _removals.ToLookup(removal => removal.Record.Stream);
        _open += check.Missing;
        foreach (var gap in check.Gaps)
        {
            var all = gap.Version - 1 - (gap.Before ?? 0);
            var covered = Count(removed[gap.Stream], (gap.Before ?? 0) + 1, gap.Version - 1);
            if (gap.Before is { } before && covered < all)
            {
                problems.Add($"Position {gap.Position} holds version {gap.Version} of a stream that was at {before}, "
                    + $"and no record tells of the removal of {all - covered} between.");
            }
            // Where the version right before it is not removed, it lies further back, and with it all that is.
            if (gap.Before is not null || Count(removed[gap.Stream], gap.Version - 1, gap.Version - 1) > 0)
                _open = Math.Max(0, _open - (gap.Before is null ? covered : all));
        }
        var undecided = 0L;
        foreach (var stream in removed.Where(stream => stream.Any(removal => removal.Number > mark)))
            undecided += Count(stream, (check.FindVersion(stream.Key) ?? 0) + 1, long.MaxValue);
        var lost = Math.Max(0, _open - undecided);
        _open -= lost;
        // Those of streams of which more was removed meanwhile are needed once more; what is newer than the mark is
        // read again.
        _removals.RemoveAll(removal =>
            removal.Number > mark || !removed[removal.Record.Stream].Any(other => other.Number > mark));
        return lost;
    }

    /// <summary>How many versions from one to another were removed.</summary>
    private static long Count(IEnumerable<NumberedRemoval> removals, long from, long to)
    {
        var count = 0L;
        foreach (var (_, record) in removals)
            count += Math.Max(0, Math.Min(to, record.ToVersion) - Math.Max(from, record.FromVersion) + 1);
        return count;
    }
}
