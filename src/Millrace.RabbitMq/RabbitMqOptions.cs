using RabbitMQ.Client;

namespace Millrace.RabbitMq;

/// <summary>
/// Options for RabbitMQ. The configuration values <c>Millrace:Messaging:rabbitmq:Uri</c> and <c>:Nodes</c> override the
/// address.
/// </summary>
public sealed class RabbitMqOptions
{
    /// <summary>
    /// Gets or sets the broker's address: <c>amqp://user:password@host:port/virtual-host</c>, or <c>amqps://</c> for
    /// TLS; <c>amqp://localhost</c> by default.
    /// </summary>
    public string Uri { get; set; } = "amqp://localhost";

    /// <summary>
    /// Further nodes of the cluster, which are tried in turn if the node of <see cref="Uri"/> is not reached:
    /// <c>host</c> or <c>host:port</c>, several separated by commas, at most 20; empty by default. All other parts of
    /// the address are the same as in <see cref="Uri"/>, and so is a missing port. If the configuration sets the
    /// address, the nodes in the code are ignored.
    /// </summary>
    public string Nodes { get; set; } = "";

    /// <summary>
    /// Gets or sets the maximum time to connect to a node, and the maximum time for its handshake; from 100
    /// milliseconds to 1 minute, 5 seconds by default. If no node is reached, the client retries with increasing
    /// delays.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Gets or sets the time after which a connection is closed if the broker sends nothing; from 1 second to 5
    /// minutes, 15 seconds by default.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// True, the default, to use quorum queues, which survive the failure of a node of the cluster. Otherwise queues
    /// are classic. It applies when a queue is created. Existing queues do not change.
    /// </summary>
    public bool UsesQuorumQueues { get; set; } = true;

    /// <summary>
    /// True, the default, if one of several receivers of a subscription gets all messages, and another one takes over
    /// when it fails. Only then is the order of a key preserved across nodes. It applies when a queue is created.
    /// </summary>
    public bool HasSingleActiveConsumer { get; set; } = true;

    /// <summary>
    /// Gets or sets the maximum size of a message's body in bytes; from 1 KiB to 128 MiB, 16 MiB by default.
    /// </summary>
    public long MaxBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Sets further TLS options, such as trusted authorities; none by default: the machine's own authorities are
    /// trusted, and the broker's certificate must name the host of the address.
    /// </summary>
    public Action<SslOption>? ConfigureTls { get; set; }

    /// <exception cref="ArgumentException">An option is out of range; the message lists all of them.</exception>
    internal void Check()
    {
        var problems = new List<string>();
        if (!global::System.Uri.TryCreate(Uri, UriKind.Absolute, out var address)
            || address.Scheme is not ("amqp" or "amqps"))
            problems.Add($"{nameof(Uri)}: must be an address such as amqp://user:password@host:port/virtual-host.");
        problems.AddRange(NodeAddresses.Problems(Nodes));
        if (ConnectTimeout < TimeSpan.FromMilliseconds(100) || ConnectTimeout > TimeSpan.FromMinutes(1))
            problems.Add($"{nameof(ConnectTimeout)}: must be from 00:00:00.1 to 00:01:00, but is {ConnectTimeout}.");
        if (Heartbeat < TimeSpan.FromSeconds(1) || Heartbeat > TimeSpan.FromMinutes(5))
            problems.Add($"{nameof(Heartbeat)}: must be from 00:00:01 to 00:05:00, but is {Heartbeat}.");
        if (MaxBodyBytes is < 1024 or > 128 * 1024 * 1024)
            problems.Add($"{nameof(MaxBodyBytes)}: must be from 1,024 to 134,217,728, but is {MaxBodyBytes:N0}.");
        if (problems.Count > 0)
            throw new ArgumentException("RabbitMQ: " + string.Join(" ", problems));
    }
}
