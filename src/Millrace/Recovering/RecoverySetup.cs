using Microsoft.Extensions.Logging;

namespace Millrace.Recovering;

/// <summary>The rules and actions of an application, which do not change while it runs.</summary>
/// <param name="Interval">The interval at which the manager works.</param>
/// <param name="IsDryRun">Whether the manager only records what it would do.</param>
/// <param name="Rules">The rules in the order in which they apply.</param>
/// <param name="Actions">The actions by name.</param>
internal sealed partial record RecoverySetup(
    TimeSpan Interval,
    bool IsDryRun,
    IReadOnlyList<RecoveryRule> Rules,
    IReadOnlyDictionary<string, IRecoveryAction> Actions)
{
    /// <summary>
    /// Returns the rule that applies to a fault; null if there is none. A rule whose condition throws does not apply.
    /// </summary>
    public RecoveryRule? RuleFor(RecoveryDiagnosis diagnosis, ILogger logger)
    {
        foreach (var rule in Rules.Where(static rule => rule.IsEnabled))
        {
            try
            {
                if (rule.When(diagnosis))
                    return rule;
            }
#pragma warning disable CA1031 // A condition is code of the application. The other rules must work.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.ConditionFailed(logger, rule.Name, diagnosis.Symptom, exception);
            }
        }
        return null;
    }

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

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 25010, Level = LogLevel.Error,
            Message = "The condition of the recovery rule {Rule} failed for the fault {Symptom}. The rule does not "
                + "apply.")]
        public static partial void ConditionFailed(ILogger logger, string rule, string symptom, Exception exception);
    }
}
