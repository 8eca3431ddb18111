namespace Millrace;

/// <summary>Thrown when a stored alert rule has another version than the caller expected.</summary>
public sealed class AlertRuleChangedException(string rule, long expected, long actual)
    : MillraceException(
        $"The alert rule '{rule}' has version {actual}, but version {expected} was expected. Read it again.")
{
    /// <summary>Gets the name of the rule.</summary>
    public string Rule { get; } = rule;

    /// <summary>Gets the version of the stored rule; 0 if it is not stored.</summary>
    public long Actual { get; } = actual;
}
