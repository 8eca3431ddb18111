namespace Millrace.Etcd.Tests;

/// <summary>Starts an etcd server for a test class. If etcd is not installed, the tests are skipped.</summary>
public sealed class EtcdServerFixture : IAsyncLifetime
{
    private EtcdServer? _server;

    public EtcdServer Server => _server ?? throw new InvalidOperationException($"This {EtcdPrograms.Missing}.");

    public async Task InitializeAsync()
    {
        if (EtcdPrograms.Server is not null)
            _server = await EtcdServer.Start();
    }

    public async Task DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
