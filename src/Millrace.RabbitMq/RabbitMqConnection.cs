using System.Net.Security;
using RabbitMQ.Client;

namespace Millrace.RabbitMq;

/// <summary>
/// A connection to one of the broker's nodes. The first caller opens it. After a loss, the next caller opens it again.
/// </summary>
internal sealed class RabbitMqConnection : IAsyncDisposable
{
    // Brokers have the same limit: a larger message would break the connection.
    private const uint MaxInboundBytes = 512 * 1024 * 1024;

    private readonly SemaphoreSlim _connecting = new(1);
    private readonly TimeSpan _attemptTimeout;
    private IConnection? _connection;
    private volatile string? _blocked;
    private int _nextNode; // The node to try first: the last one that was reached, or the one after a failed attempt.

    public RabbitMqConnection(RabbitMqOptions options, string purpose)
    {
        _attemptTimeout = 2 * options.ConnectTimeout; // For the connection, and for the handshake.
        Nodes = [.. NodeAddresses.Of(options).Select(address => NodeAt(address, options, purpose))];
    }

    /// <summary>Gets the connection settings of each node.</summary>
    internal IReadOnlyList<ConnectionFactory> Nodes { get; }

    /// <summary>
    /// Gets why the broker blocks publishing, for example for lack of memory or disk space; null if it does not. Also
    /// null if nothing was published, because the broker reports a block only to publishers.
    /// </summary>
    public string? Blocked => _connection is { IsOpen: true } ? _blocked : null;

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
            return _connection = await ConnectToOne(cancellationToken).ConfigureAwait(false);
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

    private static ConnectionFactory NodeAt(Uri address, RabbitMqOptions options, string purpose)
    {
        var node = new ConnectionFactory
        {
            Uri = address,
            MaxInboundMessageBodySize = MaxInboundBytes,
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
        // For an address with TLS, the client itself would accept a certificate with any name.
        node.Ssl.AcceptablePolicyErrors = SslPolicyErrors.None;
        node.Ssl.ServerName = address.IdnHost;
        options.ConfigureTls?.Invoke(node.Ssl);
        return node;
    }

    /// <summary>
    /// Tries each node once. The client's own selection would end with the first node that accepts a connection,
    /// whatever it then answers.
    /// </summary>
    private async ValueTask<IConnection> ConnectToOne(CancellationToken cancellationToken)
    {
        var failures = new List<(ConnectionFactory Node, Exception Failure)>();
        while (failures.Count < Nodes.Count)
        {
            var index = _nextNode;
            _nextNode = (index + 1) % Nodes.Count; // Stays if the caller cancels during this attempt.
            try
            {
                var connection = await ConnectTo(Nodes[index], cancellationToken).ConfigureAwait(false);
                _nextNode = index;
                return connection;
            }
            catch (Exception failure) when (Nodes.Count > 1 && BrokerFailure.IsNodeFailure(failure, cancellationToken))
            {
                failures.Add((Nodes[index], failure));
            }
        }
        throw BrokerFailure.OfAll([
            .. failures.Select(one => ($"{one.Node.HostName}:{one.Node.Endpoint.Port}", one.Failure)),
        ]);
    }

    /// <summary>
    /// Limits the time of the handshake. The client would wait for ever for a node that accepts the connection and then
    /// does not answer.
    /// </summary>
    private async Task<IConnection> ConnectTo(ConnectionFactory node, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(_attemptTimeout);
        var connection = await node.CreateConnectionAsync(bounded.Token).ConfigureAwait(false);
        connection.ConnectionBlockedAsync += (_, blocked) => SetBlocked(blocked.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => SetBlocked(null);
        return connection;
    }

    private Task SetBlocked(string? blocked)
    {
        _blocked = blocked;
        return Task.CompletedTask;
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
            // The connection is already closed.
        }
        _blocked = null;
    }
}
