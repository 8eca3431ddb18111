using System.Text.Json.Serialization;

namespace Millrace.Scaling;

/// <summary>The stored number of nodes with the last changes.</summary>
internal sealed record CapacityRecord
{
    public const int MaxChanges = 100;

    private static readonly TimeSpan MinHold = TimeSpan.FromHours(2);
    private static readonly TimeSpan MaxHold = TimeSpan.FromHours(24);

    public static readonly CapacityRecord None = new();

    /// <summary>Gets the number of nodes that should run; null before the first change.</summary>
    public int? Nodes { get; init; }

    public int MinNodes { get; init; }

    public int MaxNodes { get; init; }

    public TimeSpan CoolDown { get; init; }

    /// <summary>Gets the time of the last change; null if there was none.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    public CapacityReason? LastReason { get; init; }

    /// <summary>Gets the longest lag at the last change.</summary>
    public double LagSeconds { get; init; }

    /// <summary>
    /// Gets the number of nodes below which none is removed until a time, because a consumer was late.
    /// </summary>
    public int LagNodes { get; init; }

    public DateTimeOffset? LagNodesUntil { get; init; }

    public TimeSpan LagNodesHold { get; init; }

    /// <summary>Gets the changes, newest first.</summary>
    public IReadOnlyList<CapacityChange> Changes { get; init; } = [];

    [JsonIgnore]
    public CapacityChange? Pending => Changes is [{ State: CapacityState.Pending } pending, ..] ? pending : null;

    /// <summary>Returns the record with a new change.</summary>
    public CapacityRecord With(CapacityChange change, double lagSeconds)
    {
        var changed = this with { ChangedAt = change.At, Changes = [change, .. Changes.Take(MaxChanges - 1)] };
        if (change.State == CapacityState.DryRun)
            return changed with { Nodes = change.PreviousNodes, LastReason = null };
        changed = changed with { Nodes = change.Nodes, LastReason = change.Reason, LagSeconds = lagSeconds };
        if (change.Reason != CapacityReason.ConsumerLag)
            return changed;
        // Nodes that were removed too early are kept twice as long the next time.
        var isRepeated = LagNodesUntil is { } until && change.At < until + LagNodesHold;
        var hold = isRepeated ? 2 * LagNodesHold : MinHold;
        hold = hold < MaxHold ? hold : MaxHold;
        return changed with { LagNodes = change.Nodes, LagNodesHold = hold, LagNodesUntil = change.At + hold };
    }

    /// <summary>Returns the record with another state of the newest change.</summary>
    public CapacityRecord WithNewest(CapacityChange change) => this with
    {
        Nodes = IsWithoutEffect(change) ? change.PreviousNodes : Nodes,
        LastReason = IsWithoutEffect(change) ? null : LastReason,
        LagNodesUntil = IsWithoutEffect(change) ? null : LagNodesUntil,
        Changes = [change, .. Changes.Skip(1)],
    };

    private static bool IsWithoutEffect(CapacityChange change) =>
        change.State is CapacityState.Failed or CapacityState.DryRun;
}
