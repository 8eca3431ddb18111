using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>The figures of a tenant.</summary>
internal sealed record TenantStatistics(TenantId Tenant)
{
    public long Events { get; private init; }

    public long Streams { get; private init; }

    /// <summary>Gets the size on disk, or null in a shared store.</summary>
    public long? SizeBytes { get; private init; }

    /// <summary>Gets the last event, or null when the tenant has no events.</summary>
    public RecordedEvent? Last { get; private init; }

    /// <summary>Gets the nodes that have the tenant open.</summary>
    public IReadOnlyList<string> Nodes { get; private init; } = [];

    /// <summary>Gets the reason why the figures are unknown, or null when they are known.</summary>
    public string? Problem { get; private init; }

    /// <summary>Reads the figures of a tenant.</summary>
    public static async Task<TenantStatistics> Of(
        ITenantStorage tenants, TenantId tenant, TimeProvider time, CancellationToken cancellationToken)
    {
        var storage = tenants.Of(tenant);
        try
        {
            return await Of(storage, tenant, tenants.HasOwnTables, time, cancellationToken);
        }
        catch (StorageException failure)
        {
            // The other tenants are still listed.
            return new TenantStatistics(tenant) { Problem = failure.Message };
        }
        finally
        {
            if (tenants.HasOwnTables)
                await storage.DisposeAsync(); // In a shared store, the storage belongs to the store.
        }
    }

    public void WriteMembers(Utf8JsonWriter writer)
    {
        writer.WriteString("tenant"u8, Tenant.Value);
        if (Problem is not null)
        {
            writer.WriteString("problem"u8, Problem);
            return;
        }
        writer.WriteNumber("events"u8, Events);
        writer.WriteNumber("streams"u8, Streams);
        if (SizeBytes is { } size)
            writer.WriteNumber("sizeBytes"u8, size);
        if (Last is { } last)
        {
            writer.WriteNumber("lastPosition"u8, last.Position);
            writer.WriteString("lastEventAt"u8, last.Timestamp.UtcDateTime);
        }
        writer.WriteStartArray("nodes"u8);
        foreach (var node in Nodes)
            writer.WriteStringValue(node);
        writer.WriteEndArray();
    }

    private static async Task<TenantStatistics> Of(
        IStorage storage, TenantId tenant, bool hasOwnStore, TimeProvider time, CancellationToken cancellationToken)
    {
        await storage.Open(cancellationToken);
        var info = await storage.Maintenance.GetInfo(cancellationToken);
        var query = new LogPageQuery(EventFilter.All, long.MaxValue, IsBackwards: true, Limit: 1) { IsBrief = true };
        var last = info.Events == 0 ? null : (EventPage?)await storage.Log.ReadLog(query, cancellationToken);
        var leases = await storage.Leases.Inspect(time.GetUtcNow(), cancellationToken);
        return new TenantStatistics(tenant)
        {
            Events = info.Events,
            Streams = info.Streams,
            SizeBytes = hasOwnStore ? info.SizeBytes : null,
            Last = last is { Events: [var end] } ? end : null,
            Nodes = [.. leases.Nodes.Select(node => node.Name)],
        };
    }
}
