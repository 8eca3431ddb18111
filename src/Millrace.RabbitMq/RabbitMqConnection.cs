using RabbitMQ.Client;

namespace Millrace.RabbitMq;

/// <summary>A connection that is made when it is needed, and anew when it is gone; not by itself, but when somebody asks.</summary>
internal sealed class RabbitMqConnection : IAsyncDisposable
{
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly ConnectionFactory _factory;
    private IConnection? _connection;

    public RabbitMqConnection(RabbitMqOptions options, string purpose) => _factory = new ConnectionFactory
    {
        Uri = new Uri(options.Uri),
        AutomaticRecoveryEnabled = false,
        TopologyRecoveryEnabled = false,
        RequestedConnectionTimeout = options.ConnectTimeout,
        SocketReadTimeout = options.Heartbeat,
        SocketWriteTimeout = options.Heartbeat,
        HandshakeContinuationTimeout = options.ConnectTimeout,
        ContinuationTimeout = options.ConnectTimeout,
        RequestedHeartbeat = options.Heartbeat,
        ClientProvidedName = $"millrace {purpose} on {Environment.MachineName}/{Environment.ProcessId}",
    };

    public async ValueTask<IConnection> Get(CancellationToken cancellationToken)
    {
        if (_connection is { IsOpen: true } open)
            return open;
        await _connecting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_connection is { IsOpen: true } other)
                return other;
            await Close().ConfigureAwait(false);
            return _connection = await _factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _connecting.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Close().ConfigureAwait(false);
        _connecting.Dispose();
    }

    private async ValueTask Close()
    {
        if (_connection is not { } connection)
            return;
        _connection = null;
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception) when (BrokerFailure.Is(exception))
        {
            // It is gone: there is nobody to say goodbye to.
        }
    }
}
