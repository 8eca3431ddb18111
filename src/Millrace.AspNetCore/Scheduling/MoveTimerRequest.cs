using System.ComponentModel;

namespace Millrace.AspNetCore.Scheduling;

/// <summary>The new due time of a timer.</summary>
internal sealed record MoveTimerRequest(
    [property: Description("When the command is sent.")] DateTimeOffset Due,
    [property: Description("The reason, which is stored with the change.")] string? Reason = null);
