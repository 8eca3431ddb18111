namespace Millrace.Recovering;

/// <summary>The rules and actions of an application, which do not change while it runs.</summary>
/// <param name="Interval">The interval at which the manager works.</param>
/// <param name="IsDryRun">Whether the manager only records what it would do.</param>
/// <param name="Rules">The rules in the order in which they apply.</param>
/// <param name="Actions">The actions by name.</param>
internal sealed record RecoverySetup(
    TimeSpan Interval,
    bool IsDryRun,
    IReadOnlyList<RecoveryRule> Rules,
    IReadOnlyDictionary<string, IRecoveryAction> Actions)
{
    /// <summary>Returns the rule that applies to a fault; null if there is none.</summary>
    public RecoveryRule? RuleFor(RecoveryDiagnosis diagnosis) =>
        Rules.FirstOrDefault(rule => rule.IsEnabled && rule.When(diagnosis));

    /// <summary>Returns the form in which the rules and actions are recorded for tools.</summary>
    public RecoveryInfo ToInfo() => new(
        [
            .. Actions.Values.OrderBy(static action => action.Name, StringComparer.Ordinal)
                .Select(static action => new RecoveryActionInfo(action.Name, action.Description)),
        ],
        [
            .. Rules.Select(static rule => new RecoveryRuleInfo(
                rule.Name, rule.Description, rule.Actions, rule.MaxAttempts, rule.IsEnabled)),
        ],
        IsDryRun);
}
