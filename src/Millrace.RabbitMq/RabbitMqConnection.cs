using System.Net.Security;
using RabbitMQ.Client;

namespace Millrace.RabbitMq;

/// <summary>
/// A connection to one of the broker's nodes, which is made when it is needed, and anew when it is gone; not by itself,
/// but when somebody asks.
/// </summary>
internal sealed class RabbitMqConnection : IAsyncDisposable
{
    // No broker can be told to take more: a larger one would break the line.
    private const uint MaxInboundBytes = 512 * 1024 * 1024;

    private readonly SemaphoreSlim _connecting = new(1);
    private readonly TimeSpan _patience;
    private IConnection? _connection;
    private volatile string? _blocked;
    private int _next; // The node that was reached last, or the one behind that which was not.

    public RabbitMqConnection(RabbitMqOptions options, string purpose)
    {
        _patience = 2 * options.ConnectTimeout; // For the line, and for the greeting.
        Nodes = [.. NodeAddresses.Of(options).Select(address => NodeAt(address, options, purpose))];
    }

    /// <summary>How each node is connected to.</summary>
    internal IReadOnlyList<ConnectionFactory> Nodes { get; }

    /// <summary>
    /// Why the broker takes nothing that is published over it, as when it has too little memory or disk; null when it
    /// does, and as long as nothing was: it tells who publishes.
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
        // From an address with TLS the client takes that a certificate of any name will do.
        node.Ssl.AcceptablePolicyErrors = SslPolicyErrors.None;
        node.Ssl.ServerName = address.IdnHost;
        options.ConfigureTls?.Invoke(node.Ssl);
        return node;
    }

    /// <summary>
    /// Tries each node once. The client's own choice among several ends with the first that takes a connection,
    /// whatever it then says.
    /// </summary>
    private async ValueTask<IConnection> ConnectToOne(CancellationToken cancellationToken)
    {
        var failures = new List<(ConnectionFactory Node, Exception Failure)>();
        while (failures.Count < Nodes.Count)
        {
            var place = _next;
            _next = (place + 1) % Nodes.Count; // Also for who gives up while this one is tried.
            try
            {
                var connection = await ConnectTo(Nodes[place], cancellationToken).ConfigureAwait(false);
                _next = place;
                return connection;
            }
            catch (Exception failure) when (Nodes.Count > 1 && BrokerFailure.IsOfNode(failure, cancellationToken))
            {
                failures.Add((Nodes[place], failure));
            }
        }
        throw BrokerFailure.OfAll([
            .. failures.Select(one => ($"{one.Node.HostName}:{one.Node.Endpoint.Port}", one.Failure)),
        ]);
    }

    /// <summary>Bounded here: for the greeting of a node that takes the connection and says nothing, the client waits
    /// for ever.</summary>
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
            // It is gone: there is nobody to say goodbye to.
        }
        _blocked = null;
    }
}
