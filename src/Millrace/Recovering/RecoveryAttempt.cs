namespace Millrace;

/// <summary>An attempt to repair a fault by an action.</summary>
public sealed record RecoveryAttempt
{
    /// <summary>Gets the id of the case, which is the same for all attempts.</summary>
    public required string Case { get; init; }

    /// <summary>Gets the number of the attempt, from 1.</summary>
    public int Number { get; init; } = 1;

    /// <summary>Gets what is affected, such as the name of a consumer; null for the whole application.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the fault; null if an operator started the action.</summary>
    public RecoveryDiagnosis? Diagnosis { get; init; }

    /// <summary>Gets the operator who started the action; null if a rule did.</summary>
    public string? By { get; init; }

    /// <summary>
    /// Gets the fencing token of the lock under which this node acts. A resource that refuses a lower token than an
    /// earlier one is safe from a node that was suspended and has lost the lock.
    /// </summary>
    public long Token { get; init; }
}
