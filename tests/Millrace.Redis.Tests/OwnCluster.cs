namespace Millrace.Redis.Tests;

/// <summary>Starts a Redis Cluster for a test class. If Redis is not installed, the tests are skipped.</summary>
public sealed class OwnCluster : IAsyncLifetime
{
    private RedisCluster? _cluster;

    public RedisCluster Cluster => _cluster ?? throw new InvalidOperationException($"This {RedisPrograms.Missing}.");

    public async Task InitializeAsync()
    {
        if (RedisPrograms.Server is not null)
            _cluster = await RedisCluster.Start();
    }

    public async Task DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
    }
}
