namespace Millrace.Reporting;

/// <summary>An entry of the audit trail.</summary>
internal sealed record AuditRow(
    long Position, DateTimeOffset Time, string? User, string Action, string Resource, AuditResult Result)
{
    public string? Reason { get; init; }

    public string? Address { get; init; }

    public static AuditRow Of(AuditEntry entry) =>
        new(entry.Position, entry.Time, entry.User, entry.Action, entry.Resource, entry.Result)
        {
            Reason = entry.Reason,
            Address = entry.Origin?.Address,
        };
}
