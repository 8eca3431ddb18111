using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore;

/// <summary>What is to be otherwise about a schedule, or what a new one is like.</summary>
internal sealed record EditScheduleRequest(
    [property: Description("When it recurs, as cron writes it; a new one must have it.")] string? Cron = null,
    [property: Description("The id of the zone whose clock that is told by; UTC for a new one when absent.")]
        string? TimeZone = null,
    [property: Description("What becomes of times that nobody ran: once, skip or all.")] string? Missed = null,
    [property: Description("What becomes of times that come while it runs: skip or queue.")] string? Overlapping = null,
    [property: Description("The stable name of the command to send, the same for each time; a new one must have it.")]
    string? Command = null,
    [property: Description("That command, with all its members.")] JsonObject? Body = null,
    [property: Description("Why; it is recorded.")] string? Reason = null);
