using System.Globalization;

namespace Millrace.Scaling;

/// <summary>
/// Decides how many nodes should run, from the samples of the monitor. Without I/O and clock: the same samples give the
/// same decisions.
/// </summary>
/// <remarks>
/// Nodes are added while the load is high, and removed one at a time if the others could do the work. A change is
/// followed by a pause. A lag that did not fall after nodes were added for it is not a matter of capacity, so that no
/// further nodes are added for it. Nodes that were added for a lag stay for hours, because the lag is gone with them.
/// </remarks>
internal sealed class CapacityController(CapacityOptions options)
{
    private static readonly TimeSpan LostPause = TimeSpan.FromHours(1);

    private DateTimeOffset? _highSince;
    private DateTimeOffset? _lowSince;
    private DateTimeOffset? _fewerSince;
    private int _count;
    private DateTimeOffset _countSince;

    /// <summary>
    /// Gets the number of nodes that has not changed for some time; null while nodes start, stop or are replaced.
    /// </summary>
    public int? StableNodes { get; private set; }

    /// <summary>Returns a change; null if the number of nodes is right, or the pause has not ended.</summary>
    public CapacityDecision? Decide(DateTimeOffset now, CapacityLoad load, CapacityRecord record)
    {
        if (load.Nodes == 0)
        {
            (_highSince, _lowSince, _fewerSince) = (null, null, null); // Without samples nothing is known.
            (_count, StableNodes) = (0, null);
            return null;
        }
        if (_count != load.Nodes)
            (_count, _countSince) = (load.Nodes, now);
        StableNodes = now - _countSince >= options.AddAfter ? _count : null;
        var nodes = NodesOf(now, load, record);
        var reason = HighReason(load, record);
        _highSince = reason is null ? null : _highSince ?? now;
        _lowSince = reason is null && nodes == load.Nodes && IsLow(load) ? _lowSince ?? now : null;
        if (record.ChangedAt is { } changedAt && now < changedAt + options.CoolDown)
            return null;
        var bounded = Math.Clamp(nodes, options.MinNodes, options.MaxNodes);
        if (bounded != nodes && StableNodes is not null)
            return new(bounded, nodes, CapacityReason.Bounds, $"{nodes} nodes are outside the bounds.");
        if (reason is { } high && now - _highSince >= options.AddAfter && nodes < options.MaxNodes)
        {
            var more = Math.Min(options.MaxNodes, nodes + Math.Max(1, nodes / 4));
            return new(more, nodes, high, Explain(load, options.AddAfter));
        }
        var kept = now < record.LagNodesUntil ? Math.Max(record.LagNodes, options.MinNodes) : options.MinNodes;
        return _lowSince is { } since && now - since >= options.RemoveAfter && nodes > kept
            ? new(nodes - 1, nodes, CapacityReason.Idle, Explain(load, options.RemoveAfter))
            : null;
    }

    /// <summary>
    /// Returns the number of nodes that run or should run. Nodes that were lost may come back, so that the number which
    /// was set last applies for an hour: another change must not stop them for good.
    /// </summary>
    private int NodesOf(DateTimeOffset now, CapacityLoad load, CapacityRecord record)
    {
        if (record.Nodes is not { } wanted || load.Nodes >= wanted)
        {
            _fewerSince = null;
            return load.Nodes;
        }
        _fewerSince ??= now;
        return now - _fewerSince >= LostPause ? load.Nodes : wanted;
    }

    private static string Explain(CapacityLoad load, TimeSpan duration) => string.Create(
        CultureInfo.InvariantCulture,
        $"For {duration}: processors {load.Cpu:P0} in use, the longest lag {load.LagSeconds:0} s, {load.Nodes} nodes.");

    private CapacityReason? HighReason(CapacityLoad load, CapacityRecord record)
    {
        if (load.Cpu > options.AddAbove)
            return CapacityReason.Cpu;
        if (load.LagSeconds <= options.MaxLag.TotalSeconds)
            return null;
        var isStuck =
            record.LastReason == CapacityReason.ConsumerLag && load.LagSeconds >= 0.9 * record.LagSeconds;
        return isStuck ? null : CapacityReason.ConsumerLag;
    }

    private bool IsLow(CapacityLoad load) =>
        load.Nodes > 1
            && load.Cpu * load.Nodes / (load.Nodes - 1) < options.RemoveBelow
            && load.LagSeconds <= options.MaxLag.TotalSeconds / 4;
}

/// <summary>The load of all nodes.</summary>
/// <param name="Nodes">The number of nodes with current samples.</param>
/// <param name="Cpu">The average use of processors, from 0 to 1.</param>
/// <param name="LagSeconds">The longest lag of a consumer.</param>
internal readonly record struct CapacityLoad(int Nodes, double Cpu, double LagSeconds)
{
    public static CapacityLoad Of(IReadOnlyList<MetricSample> samples)
    {
        var cpu = samples.Where(static one => one.Metric == MonitorMetrics.Cpu && one.Subject is null).ToList();
        var lags = samples.Where(static one => one.Metric == MonitorMetrics.ConsumerLagTime);
        return new(
            cpu.Count,
            cpu.Count == 0 ? 0 : cpu.Average(static one => one.Value),
            lags.Select(static one => one.Value).DefaultIfEmpty().Max());
    }
}

/// <summary>A decision to change the number of nodes.</summary>
internal sealed record CapacityDecision(int Nodes, int PreviousNodes, CapacityReason Reason, string Explanation);
