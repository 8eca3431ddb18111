namespace Millrace.Cli;

/// <summary>Records exports in the audit trail of a store that has one.</summary>
internal static class ExportAudit
{
    private static readonly StreamId Trail = new("$audit");

    /// <summary>
    /// Records an export by the user of the machine. Does nothing if the store has no audit trail. Without permission
    /// to write the store, the export fails.
    /// </summary>
    public static async Task Record(OpenStore open, AuditResult result)
    {
        if (await open.Store.GetStream(Trail) is null)
            return;
        var entry = new AuditEntry("tool.export", "events", result) { User = Environment.UserName };
        await AuditTrails.Of(open.Store).Record(entry, CancellationToken.None);
    }
}
