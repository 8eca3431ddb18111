using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace.Tests;

/// <summary>Creates ships and loads crates on them until it is stopped, and remembers what was acknowledged.</summary>
internal sealed class ShardWriter(ShardedHarbour node, string name)
{
    private readonly ConcurrentDictionary<string, int> _acknowledged = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _attempted = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _byShard = new(StringComparer.Ordinal);
    private volatile bool _isStopped;
    private int _unavailable;

    /// <summary>Gets the number of acknowledged appends.</summary>
    public int Acknowledged => _acknowledged.Values.Sum();

    /// <summary>Gets the number of appends that failed because of an outage.</summary>
    public int Unavailable => Volatile.Read(ref _unavailable);

    public int InShard(string shard) => _byShard.GetValueOrDefault(shard);

    public void Stop() => _isStopped = true;

    public async Task Run()
    {
        for (var number = 0; !_isStopped;)
        {
            // Each ship gets an event when it is new, and one later. A failed append is repeated.
            if (await TryLoad($"{name}{number}"))
                number++;
            if (number >= 10)
                await TryLoad($"{name}{number - 10}");
        }
    }

    /// <summary>
    /// Asserts that each stream has what was acknowledged and no more than was attempted, in one shard.
    /// </summary>
    public async Task AssertAllRead(ShardedHarbour reader)
    {
        var found = new List<StreamInfo>();
        foreach (var shard in await reader.Shards.List())
            found.AddRange(await reader.Shards.StoreOf(shard.Shard).ListStreams($"ship-{name}").ToListAsync());

        Assert.Equal(found.Count, found.DistinctBy(info => info.Stream).Count());
        var versions = found.ToDictionary(info => info.Stream, info => info.Version);
        foreach (var (ship, attempted) in _attempted)
            Assert.InRange(
                versions.GetValueOrDefault(Harbour.StreamOf(ship)), _acknowledged.GetValueOrDefault(ship), attempted);
    }

    private async Task<bool> TryLoad(string ship)
    {
        _attempted.AddOrUpdate(ship, 1, static (_, count) => count + 1);
        try
        {
            await node.Append(ship, new Loaded(ship, 1));
            _acknowledged.AddOrUpdate(ship, 1, static (_, count) => count + 1);
            var shard = await node.Shards.FindShard(Harbour.StreamOf(ship));
            _byShard.AddOrUpdate(shard.Value, 1, static (_, count) => count + 1);
            return true;
        }
        catch (Exception exception) when (exception is StorageException or ShardUnavailableException)
        {
            Interlocked.Increment(ref _unavailable);
            return false;
        }
    }
}
