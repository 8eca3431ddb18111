using System.ComponentModel;

namespace Millrace.AspNetCore;

/// <summary>When a timer is to be due.</summary>
internal sealed record MoveTimerRequest(
    [property: Description("When its command is sent.")] DateTimeOffset Due,
    [property: Description("Why; it is recorded.")] string? Reason = null);
