using Millrace.Recovering;

namespace Millrace;

/// <summary>A fault with its recovery, or an action that an operator started.</summary>
public sealed record RecoveryCase
{
    /// <summary>Gets the id.</summary>
    public required string Id { get; init; }

    /// <summary>Gets the state.</summary>
    public required RecoveryState State { get; init; }

    /// <summary>Gets the rule that applies; null if an operator started the action.</summary>
    public string? Rule { get; init; }

    /// <summary>Gets the fault; null if an operator started the action.</summary>
    public RecoveryDiagnosis? Diagnosis { get; init; }

    /// <summary>Gets what is affected; null for the whole application.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets since when the fault exists, or when the action was requested.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>Gets the last action; null for none.</summary>
    public string? Action { get; init; }

    /// <summary>Gets the number of attempts that count.</summary>
    public int Attempts { get; init; }

    /// <summary>Gets the node that runs the action, or ran the last one; null for none.</summary>
    public string? Node { get; init; }

    /// <summary>Gets the time before which the next attempt does not start; null for none.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>Gets why a person must act, or why the last attempt failed; null for none.</summary>
    public string? Reason { get; init; }

    /// <summary>Gets the operator who started the action; null if a rule did.</summary>
    public string? By { get; init; }

    internal static RecoveryCase Of(RecoveryRecord record) => new()
    {
        Id = record.Id,
        State = record.State,
        Rule = record.Rule,
        Diagnosis = record.Diagnosis,
        Subject = record.Subject,
        Since = record.Since,
        Action = record.Action,
        Attempts = record.Attempts.Count,
        Node = record.Node,
        NotBefore = record.NotBefore,
        Reason = record.Reason,
        By = record.By,
    };
}
