namespace Millrace.Events;

/// <summary>The stored names of the events of alerts.</summary>
internal static class AlertEvents
{
    /// <summary>An application started with other rules than before.</summary>
    public const string RulesDeclared = "alerts.rules-declared";

    /// <summary>An operator stored a rule.</summary>
    public const string RuleStored = "alerts.rule-stored";

    /// <summary>An operator removed a stored rule.</summary>
    public const string RuleRemoved = "alerts.rule-removed";

    /// <summary>An operator added a silence.</summary>
    public const string Silenced = "alerts.silenced";

    /// <summary>An operator ended a silence.</summary>
    public const string SilenceEnded = "alerts.silence-ended";

    /// <summary>An alert fired.</summary>
    public const string Fired = "alerts.fired";

    /// <summary>An alert was resolved.</summary>
    public const string Resolved = "alerts.resolved";

    /// <summary>An operator acknowledged an alert.</summary>
    public const string Acknowledged = "alerts.acknowledged";

    /// <summary>A channel accepted a notice.</summary>
    public const string Notified = "alerts.notified";

    /// <summary>The stream of the changes of alerts and of their notices.</summary>
    public static StreamId Stream { get; } = new("$alerts");

    /// <summary>The stream of rules and silences.</summary>
    public static StreamId RuleStream { get; } = new("$alert-rules");

    /// <summary>Returns whether a name is a name of this class.</summary>
    public static bool Contains(string type) =>
        type
            is RulesDeclared
                or RuleStored
                or RuleRemoved
                or Silenced
                or SilenceEnded
                or Fired
                or Resolved
                or Acknowledged
                or Notified;
}
