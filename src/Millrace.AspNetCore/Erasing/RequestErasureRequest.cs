using System.ComponentModel;

namespace Millrace.AspNetCore.Erasing;

/// <summary>A request for an erasure.</summary>
internal sealed record RequestErasureRequest(
    [property: Description("The id of the request: lower-case letters, digits and dashes.")] string Id,
    [property: Description("The data subject, such as customer-42.")] string Subject,
    [property: Description("The reason, without personal data.")] string Reason,
    [property: Description("The kinds of data; all when absent.")] string[]? Kinds = null,
    [property: Description("When the data subject asked for the erasure; now when absent.")]
        DateTimeOffset? RequestedAt = null);
