namespace Millrace;

/// <summary>A fault that the recovery manager has found.</summary>
public sealed record RecoveryDiagnosis
{
    /// <summary>Gets the kind of the fault.</summary>
    public required RecoveryCause Cause { get; init; }

    /// <summary>Gets the symptom, one of <see cref="RecoverySymptoms"/>.</summary>
    public required string Symptom { get; init; }

    /// <summary>Gets what is affected, such as the name of a consumer; null for the whole application.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets the node that is affected; null if the fault is not limited to a node.</summary>
    public string? Node { get; init; }

    /// <summary>Gets what was observed, as sentences.</summary>
    public required string Description { get; init; }

    /// <summary>Gets what a person can do, as sentences; null if there is no advice.</summary>
    public string? Advice { get; init; }
}
