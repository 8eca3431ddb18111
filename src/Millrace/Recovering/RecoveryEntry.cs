namespace Millrace;

/// <summary>A step in the history of the recovery manager.</summary>
public sealed record RecoveryEntry
{
    /// <summary>Gets the time.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>
    /// Gets the kind: <c>diagnosed</c>, <c>planned</c>, <c>requested</c>, <c>started</c>, <c>succeeded</c>,
    /// <c>failed</c>, <c>healed</c>, <c>not-healed</c>, <c>given-up</c> or <c>dropped</c>.
    /// </summary>
    public required string Kind { get; init; }

    /// <summary>Gets the id of the case.</summary>
    public required string Case { get; init; }

    /// <summary>Gets the rule; null if an operator started the action.</summary>
    public string? Rule { get; init; }

    /// <summary>Gets the fault; null if the step does not contain it.</summary>
    public RecoveryDiagnosis? Diagnosis { get; init; }

    /// <summary>Gets what is affected; null for the whole application.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the action; null if the step is not about an action.</summary>
    public string? Action { get; init; }

    /// <summary>Gets the number of the attempt, from 1; null if the step is not about an attempt.</summary>
    public int? Attempt { get; init; }

    /// <summary>Gets the node; null if the step belongs to no node.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the duration of an action, or of a fault until it was healed; null otherwise.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Gets the error, or what a person should know; null for none.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the operator; null for none.</summary>
    public string? By { get; init; }
}
