namespace Millrace.Caching.Tests;

/// <summary>Starts a Redis server for a test class. If Redis is not installed, the tests are skipped.</summary>
public sealed class RedisServerFixture : IAsyncLifetime
{
    private RedisServer? _server;

    public RedisServer Server => _server ?? throw new InvalidOperationException($"This {RedisPrograms.Missing}.");

    public async Task InitializeAsync()
    {
        if (RedisPrograms.Server is not null)
            _server = await RedisServer.Start();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
