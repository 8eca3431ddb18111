namespace Millrace;

/// <summary>Thrown when an alert rule is not valid.</summary>
public sealed class AlertRuleException(string rule, IReadOnlyList<string> problems)
    : MillraceException($"The alert rule '{rule}' is not valid: {string.Join(" ", problems)}")
{
    /// <summary>Gets the name of the rule.</summary>
    public string Rule { get; } = rule;

    /// <summary>Gets the problems, each with the name of the member.</summary>
    public IReadOnlyList<string> Problems { get; } = problems;
}
