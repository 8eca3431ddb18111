namespace Millrace.Recovering;

/// <summary>The stored state of a case, as one document.</summary>
internal sealed record RecoveryRecord
{
    public required string Id { get; init; }

    public required RecoveryState State { get; init; }

    public string? Rule { get; init; }

    public RecoveryDiagnosis? Diagnosis { get; init; }

    public string? Subject { get; init; }

    public DateTimeOffset Since { get; init; }

    /// <summary>The times of the attempts that may count.</summary>
    public IReadOnlyList<DateTimeOffset> Attempts { get; init; } = [];

    public string? Action { get; init; }

    public string? Node { get; init; }

    /// <summary>The start of the last action.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The time before which the next attempt does not start.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>The end of the check of the health after an action.</summary>
    public DateTimeOffset? VerifyUntil { get; init; }

    /// <summary>Since when the fault is not seen any more; null if it is.</summary>
    public DateTimeOffset? ClearSince { get; init; }

    public string? Reason { get; init; }

    public string? By { get; init; }

    /// <summary>Whether an operator started the action.</summary>
    public bool IsByHand => By is not null;
}
