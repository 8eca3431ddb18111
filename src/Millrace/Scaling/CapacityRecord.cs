using System.Text.Json.Serialization;

namespace Millrace.Scaling;

/// <summary>The stored number of nodes with the last changes.</summary>
internal sealed record CapacityRecord
{
    public const int MaxChanges = 100;

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

    /// <summary>Gets the changes, newest first.</summary>
    public IReadOnlyList<CapacityChange> Changes { get; init; } = [];

    [JsonIgnore]
    public CapacityChange? Pending => Changes is [{ State: CapacityState.Pending } pending, ..] ? pending : null;

    /// <summary>Returns the record with a new change.</summary>
    public CapacityRecord With(CapacityChange change, double lagSeconds) => this with
    {
        Nodes = change.Nodes,
        ChangedAt = change.At,
        LastReason = change.Reason,
        LagSeconds = lagSeconds,
        Changes = [change, .. Changes.Take(MaxChanges - 1)],
    };

    /// <summary>Returns the record with another state of the newest change.</summary>
    public CapacityRecord WithNewest(CapacityChange change) => this with
    {
        Nodes = change.State == CapacityState.Failed ? change.PreviousNodes : Nodes,
        Changes = [change, .. Changes.Skip(1)],
    };
}
