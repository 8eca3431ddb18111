namespace Millrace.Redis.Tests;

/// <summary>The server of one class of tests; none where Redis is missing and the tests are skipped.</summary>
public sealed class OwnServer : IAsyncLifetime
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
