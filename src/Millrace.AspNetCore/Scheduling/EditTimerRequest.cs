using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore;

/// <summary>What is to be otherwise about a timer.</summary>
internal sealed record EditTimerRequest(
    [property: Description("The stable name of the command to send in its place; the same command when absent.")]
        string? Command = null,
    [property: Description("The command to send, with all its members; the one that it has when absent.")]
        JsonObject? Body = null,
    [property: Description("When its command is sent; as before when absent.")] DateTimeOffset? Due = null,
    [property: Description("Why; it is recorded.")] string? Reason = null);
