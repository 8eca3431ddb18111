using System.ComponentModel;

namespace Millrace.AspNetCore.Alerting;

/// <summary>A request to try an alert rule on recorded history.</summary>
internal sealed record AlertTrialRequest(
    [property: Description("The start of the history; 7 days before the end when absent.")]
        DateTimeOffset? From = null,
    [property: Description("The end of the history; now when absent.")] DateTimeOffset? To = null,
    [property: Description("The rule to try; the current rule with the name when absent.")]
        AlertRuleRequest? Rule = null);
