namespace Millrace;

/// <summary>The state of an alert.</summary>
public enum AlertState
{
    /// <summary>The value is beyond the threshold, but not yet for <see cref="AlertRule.For"/>.</summary>
    Pending,

    /// <summary>The value has been beyond the threshold for <see cref="AlertRule.For"/>.</summary>
    Firing,

    /// <summary>No node reports the metric of the rule.</summary>
    NoData,
}
