using Millrace.Storage;

namespace Millrace.Monitoring;

/// <summary>
/// Distinguishes removed events from lost events. A removed event has a removal record, and a lost event has none. This
/// class uses only the results of a pass and the removal records, and has no side effects.
/// </summary>
/// <remarks>
/// A record contains versions, not positions. The number of removed events in the audited range is only known when the
/// audit has read the next event of the stream. The number is exact if the audit has also read the event before the
/// removed events. Otherwise, the number is at most the number of all removed events. If the removal happened during
/// the pass, the next event of the stream may be after the end of the pass. Such positions remain open until the next
/// pass.
/// </remarks>
internal sealed class RemovalReconciler
{
    private readonly List<NumberedRemoval> _removals = [];
    private long _openPositions;

    /// <summary>Returns whether there are missing positions that need an explanation.</summary>
    public bool IsNeeded(ContinuityCheck check) =>
        _openPositions > 0 || check.Missing > 0 || check.Gaps.Any(gap => gap.Before is not null);

    /// <summary>Drops the open positions, because earlier events are unknown.</summary>
    public void Reset()
    {
        _openPositions = 0;
        _removals.Clear();
    }

    /// <summary>Adds the removals that were recorded after the start of the previous pass.</summary>
    public void Add(IReadOnlyList<NumberedRemoval> removals)
    {
        foreach (var removal in removals)
        {
            if (removal.Record.Events > 0)
                _removals.Add(removal);
        }
    }

    /// <summary>Compares the missing positions of a pass with the removal records.</summary>
    /// <param name="check">The results of the pass.</param>
    /// <param name="lastRemoval">The number of the last removal when the pass started. For removals up to this number,
    /// the pass has read the next event of the stream.</param>
    /// <param name="problems">The list to which problems are added.</param>
    /// <returns>The number of positions without a removal record.</returns>
    public long Reconcile(ContinuityCheck check, long lastRemoval, List<string> problems)
    {
        var removedByStream = _removals.ToLookup(removal => removal.Record.Stream);
        _openPositions += check.Missing;
        foreach (var gap in check.Gaps)
        {
            var missing = gap.Version - 1 - (gap.Before ?? 0);
            var removedVersions = Count(removedByStream[gap.Stream], (gap.Before ?? 0) + 1, gap.Version - 1);
            if (gap.Before is { } before && removedVersions < missing)
            {
                problems.Add(
                    $"Position {gap.Position} contains version {gap.Version} of a stream that was at {before}, "
                    + $"and {missing - removedVersions} versions between have no removal record.");
            }
            // If the version directly before the gap's end was not removed, that event is before the audited range.
            // Then all removed events are also before the audited range.
            if (gap.Before is not null || Count(removedByStream[gap.Stream], gap.Version - 1, gap.Version - 1) > 0)
                _openPositions = Math.Max(0, _openPositions - (gap.Before is null ? removedVersions : missing));
        }
        var undecided = 0L;
        foreach (var stream in removedByStream.Where(stream => stream.Any(removal => removal.Number > lastRemoval)))
            undecided += Count(stream, (check.FindVersion(stream.Key) ?? 0) + 1, long.MaxValue);
        var lost = Math.Max(0, _openPositions - undecided);
        _openPositions -= lost;
        // Records of streams with newer removals are needed in the next pass. Removals after the last one are read
        // again.
        _removals.RemoveAll(removal =>
            removal.Number > lastRemoval
            || !removedByStream[removal.Record.Stream].Any(other => other.Number > lastRemoval));
        return lost;
    }

    /// <summary>Returns the number of removed versions in a range.</summary>
    private static long Count(IEnumerable<NumberedRemoval> removals, long from, long to)
    {
        var count = 0L;
        foreach (var (_, record) in removals)
            count += Math.Max(0, Math.Min(to, record.ToVersion) - Math.Max(from, record.FromVersion) + 1);
        return count;
    }
}
