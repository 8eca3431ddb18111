using System.ComponentModel;

namespace Millrace.AspNetCore.Auditing;

/// <summary>An entry of the audit trail.</summary>
[Description("An entry of the audit trail.")]
internal sealed record AuditEntryView(
    [property: Description("The position in the log.")] long Position,
    [property: Description("The time, in UTC.")] DateTimeOffset Time,
    [property: Description("The id of the user.")] string? User,
    [property: Description("The action, such as command.place-order.")] string Action,
    [property: Description("The stream or name to which the action applies.")] string Resource,
    [property: Description("The result: succeeded, denied or failed.")] string Result,
    [property: Description("The reason of a denial or failure.")] string? Reason,
    [property: Description("The IP address of the client.")] string? Address,
    [property: Description("The name of the client program.")] string? UserAgent,
    [property: Description("The id of the conversation.")] Guid? CorrelationId,
    [property: Description("The changed settings, with their values before and after; absent for other entries.")]
    IReadOnlyList<AuditChange>? Changes)
{
    public static AuditEntryView Of(AuditEntry entry) => new(
        entry.Position,
        entry.Time,
        entry.User,
        entry.Action,
        entry.Resource,
        entry.Result switch
        {
            AuditResult.Succeeded => "succeeded",
            AuditResult.Denied => "denied",
            _ => "failed",
        },
        entry.Reason,
        entry.Origin?.Address,
        entry.Origin?.UserAgent,
        entry.CorrelationId,
        entry.Changes.Count == 0 ? null : entry.Changes);
}
