using System.ComponentModel;

namespace Millrace.AspNetCore.Alerting;

/// <summary>A request to suppress the notices of alerts for a time.</summary>
internal sealed record SilenceRequest(
    [property: Description("The end.")] DateTimeOffset To,
    [property: Description("The reason, which is recorded.")] string Reason,
    [property: Description("The start; now when absent.")] DateTimeOffset? From = null,
    [property: Description("The rule; each when absent.")] string? Rule = null,
    [property: Description("The subject; each when absent.")] string? Subject = null,
    [property: Description("The node; each when absent.")] string? Node = null);
