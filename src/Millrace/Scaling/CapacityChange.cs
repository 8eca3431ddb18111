namespace Millrace;

/// <summary>A change of the number of nodes.</summary>
public sealed record CapacityChange
{
    /// <summary>Gets the unique id. A hook that is called again for the same change gets the same id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the number of nodes that should run.</summary>
    public required int Nodes { get; init; }

    /// <summary>Gets the number of nodes before.</summary>
    public required int PreviousNodes { get; init; }

    /// <summary>Gets the reason.</summary>
    public required CapacityReason Reason { get; init; }

    /// <summary>Gets the reason in words, with the measured values.</summary>
    public required string Explanation { get; init; }

    /// <summary>Gets the time of the decision, by the clock of the storage.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Gets the user who decided; null if Millrace did.</summary>
    public string? By { get; init; }

    /// <summary>Gets the state.</summary>
    public CapacityState State { get; init; }

    /// <summary>Gets the number of calls of the hook that have started.</summary>
    public int Attempts { get; init; }

    /// <summary>Gets the error of the last call of the hook; null without an error.</summary>
    public string? Error { get; init; }

    /// <summary>Gets the time at which the change was done or given up; null before.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Gets the start of the last call of the hook; null before the first one.</summary>
    public DateTimeOffset? AttemptedAt { get; init; }
}

/// <summary>The reasons for a change of the number of nodes.</summary>
public enum CapacityReason
{
    /// <summary>The processors are used too much.</summary>
    Cpu,

    /// <summary>A consumer is too late.</summary>
    ConsumerLag,

    /// <summary>Fewer nodes are enough.</summary>
    Idle,

    /// <summary>The number was outside the bounds.</summary>
    Bounds,

    /// <summary>A user has decided.</summary>
    Operator,
}

/// <summary>The states of a change of the number of nodes.</summary>
public enum CapacityState
{
    /// <summary>The hook has not succeeded yet.</summary>
    Pending,

    /// <summary>The hook has succeeded.</summary>
    Done,

    /// <summary>The hook has failed repeatedly. The next change follows after the pause.</summary>
    Failed,

    /// <summary>The change was only recorded (<see cref="CapacityOptions.IsDryRun"/>).</summary>
    DryRun,
}
