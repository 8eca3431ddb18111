using System.ComponentModel;
using System.Text.Json.Nodes;

namespace Millrace.AspNetCore.Scheduling;

/// <summary>Changes to a timer.</summary>
internal sealed record EditTimerRequest(
    [property: Description("The stable name of the new command; unchanged when absent.")]
        string? Command = null,
    [property: Description("The new command, with all its members; unchanged when absent.")]
        JsonObject? Body = null,
    [property: Description("When the command is sent; unchanged when absent.")] DateTimeOffset? Due = null,
    [property: Description("The reason, which is stored with the change.")] string? Reason = null);
