namespace Millrace.Cli;

/// <summary>Records actions of the tool in the audit trail of a store that has one.</summary>
internal static class ToolAudit
{
    private static readonly StreamId Trail = new("$audit");

    /// <summary>
    /// Records an action of the user of the machine. Does nothing if the store has no audit trail. Without permission
    /// to write the store, the action fails.
    /// </summary>
    public static async Task Record(EventStore store, AuditEntry entry)
    {
        if (await store.GetStream(Trail) is null)
            return;
        // The action is done, so that the entry is recorded even if the call is cancelled.
        await AuditTrails.Of(store).Record(entry with { User = Environment.UserName }, CancellationToken.None);
    }
}
