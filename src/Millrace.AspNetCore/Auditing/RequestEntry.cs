namespace Millrace.AspNetCore.Auditing;

/// <summary>Records entries about requests.</summary>
internal static class RequestEntry
{
    private const int MaxResource = 600;

    private static readonly TimeSpan RecordTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Records an entry, also if the client has left. A long resource is shortened.</summary>
    public static async ValueTask Record(IAuditTrail trail, AuditEntry entry)
    {
        using var limit = new CancellationTokenSource(RecordTimeout);
        var shortened = entry.Resource.Length > MaxResource
            ? entry with { Resource = entry.Resource[..MaxResource] }
            : entry;
        await trail.Record(shortened, limit.Token).ConfigureAwait(false);
    }
}
