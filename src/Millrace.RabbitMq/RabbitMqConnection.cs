using System.Net.Security;
using RabbitMQ.Client;

namespace Millrace.RabbitMq;

/// <summary>
/// A connection to one of the broker's nodes. It is opened when it is needed, and reopened after a loss, but only for a
/// caller.
/// </summary>
internal sealed class RabbitMqConnection : IAsyncDisposable
{
    // Brokers have the same limit: a larger message would break the connection.
    private const uint MaxInboundBytes = 512 * 1024 * 1024;

    private readonly SemaphoreSlim _connecting = new(1);
    private readonly TimeSpan _patience;
    private IConnection? _connection;
    private volatile string? _blocked;
    private int _next; // The node that was reached last, or the one after a node that was not.

    public RabbitMqConnection(RabbitMqOptions options, string purpose)
    {
        _patience = 2 * options.ConnectTimeout; // For the connection, and for the handshake.
        Nodes = [.. NodeAddresses.Of(options).Select(address => NodeAt(address, options, purpose))];
    }

    /// <summary>Gets the connection settings of each node.</summary>
    internal IReadOnlyList<ConnectionFactory> Nodes { get; }

    /// <summary>
    /// Gets why the broker blocks publishing, for example for lack of memory or disk space; null if it does not, or if
    /// nothing was published: the broker only reports it to publishers.
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
        // From an address with TLS, the client derives that a certificate of any name is accepted.
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
            var place = _next;
            _next = (place + 1) % Nodes.Count; // Also if the caller cancels during this attempt.
            try
            {
                var connection = await ConnectTo(Nodes[place], cancellationToken).ConfigureAwait(false);
                _next = place;
                return connection;
            }
            catch (Exception failure) when (Nodes.Count > 1 && BrokerFailure.IsNodeFailure(failure, cancellationToken))
            {
                failures.Add((Nodes[place], failure));
            }
        }
        throw BrokerFailure.OfAll([
            .. failures.Select(one => ($"{one.Node.HostName}:{one.Node.Endpoint.Port}", one.Failure)),
        ]);
    }

    /// <summary>
    /// Limits the time, because the client waits for ever for the handshake of a node that accepts the connection and
    /// then does not answer.
    /// </summary>
    private async Task<IConnection> ConnectTo(ConnectionFactory node, CancellationToken cancellationToken)
    {
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(_patience);
        var connection = await node.CreateConnectionAsync(bounded.Token).ConfigureAwait(false);
        connection.ConnectionBlockedAsync += (_, blocked) => Note(blocked.Reason);
        connection.ConnectionUnblockedAsync += (_, _) => Note(null);
        return connection;
    }

    private Task Note(string? blocked)
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
