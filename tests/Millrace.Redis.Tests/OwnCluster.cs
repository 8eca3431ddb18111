namespace Millrace.Redis.Tests;

/// <summary>The cluster of one class of tests; none where Redis is missing and the tests are skipped.</summary>
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
