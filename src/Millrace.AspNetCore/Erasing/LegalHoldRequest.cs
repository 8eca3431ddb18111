using System.ComponentModel;

namespace Millrace.AspNetCore.Erasing;

/// <summary>A legal hold to place or to release.</summary>
internal sealed record LegalHoldRequest(
    [property: Description("The data subject, such as customer-42.")] string Subject,
    [property: Description("The reason, without personal data.")] string Reason,
    [property: Description("When the hold ends; when absent, it must be released.")] DateTimeOffset? Until = null);
