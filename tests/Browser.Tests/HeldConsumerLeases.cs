using Millrace.Storage;

namespace Browser.Tests;

/// <summary>The leases of consumers, which an idle node holds.</summary>
internal sealed class HeldConsumerLeases : IAsyncDisposable
{
    private static readonly TimeSpan LeaseDuration = TimeSpan.FromMinutes(10);

    private readonly IStorage _storage;
    private readonly List<ConsumerRecord> _held = [];

    private HeldConsumerLeases(IStorage storage) => _storage = storage;

    public static async Task<HeldConsumerLeases> Take(IStorage storage, IEnumerable<string> consumers)
    {
        var held = new HeldConsumerLeases(storage);
        foreach (var consumer in consumers)
            held._held.Add(
                await storage.Leases.Acquire(
                    consumer, 0, "another-node", LeaseDuration, DateTimeOffset.UtcNow, default));
        return held;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lease in _held)
            await _storage.Leases.Release(lease.Consumer, lease.Partition, lease.LeaseEpoch, default);
        await _storage.DisposeAsync();
    }
}
