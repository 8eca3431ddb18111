namespace Millrace;

/// <summary>What the recovery manager of an application can do, as it declared at its last start.</summary>
/// <param name="Actions">The actions, by name.</param>
/// <param name="Rules">The rules, in the order in which they apply.</param>
/// <param name="IsDryRun">Whether the manager only records what it would do.</param>
public sealed record RecoveryInfo(
    IReadOnlyList<RecoveryActionInfo> Actions, IReadOnlyList<RecoveryRuleInfo> Rules, bool IsDryRun);

/// <summary>An action.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">What it does.</param>
public sealed record RecoveryActionInfo(string Name, string Description);

/// <summary>A rule.</summary>
/// <param name="Name">The name.</param>
/// <param name="Description">A sentence for operators.</param>
/// <param name="Actions">The names of the actions; empty if only a person can help.</param>
/// <param name="MaxAttempts">The maximum number of attempts.</param>
/// <param name="IsEnabled">Whether the rule is used.</param>
public sealed record RecoveryRuleInfo(
    string Name, string Description, IReadOnlyList<string> Actions, int MaxAttempts, bool IsEnabled);
