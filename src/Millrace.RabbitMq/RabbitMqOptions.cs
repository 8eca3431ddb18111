using RabbitMQ.Client;

namespace Millrace.RabbitMq;

/// <summary>
/// How RabbitMQ is used. The address may also come from the configuration, <c>Millrace:Messaging:rabbitmq:Uri</c> with
/// <c>:Nodes</c>, which wins.
/// </summary>
public sealed class RabbitMqOptions
{
    /// <summary>
    /// The broker's address: <c>amqp://user:password@host:port/virtual-host</c>, or <c>amqps://</c> for TLS;
    /// <c>amqp://localhost</c> by default.
    /// </summary>
    public string Uri { get; set; } = "amqp://localhost";

    /// <summary>
    /// More nodes of the broker's cluster, tried in turn where the one of <see cref="Uri"/> is not reached: <c>host</c>
    /// or <c>host:port</c>, several parted by commas, at most 20; empty by default. User, password, virtual host, TLS,
    /// and the port where none is given, are those of <see cref="Uri"/>. An address from the configuration comes
    /// without the nodes that the code has.
    /// </summary>
    public string Nodes { get; set; } = "";

    /// <summary>
    /// How long connecting to a node may take, and as long again its greeting; from 100 milliseconds to 1 minute, 5
    /// seconds by default. When no node is reached it is tried again with growing pauses.
    /// </summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After how long without a sign of life a connection is given up; from 1 second to 5 minutes, 15 seconds by
    /// default.
    /// </summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whether queues are quorum queues, which outlive the end of a node of the broker's cluster; true by default.
    /// Otherwise they are classic. Read when a queue is made; one that is there stays as it is.
    /// </summary>
    public bool UsesQuorumQueues { get; set; } = true;

    /// <summary>
    /// Whether of several receivers of a subscription one gets all messages, and another when that is gone; true by
    /// default. Only so is the order of a key kept over several nodes. Read when a queue is made.
    /// </summary>
    public bool HasSingleActiveConsumer { get; set; } = true;

    /// <summary>The most bytes of a message's body; from 1 KiB to 128 MiB, 16 MiB by default.</summary>
    public long MaxBodyBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>
    /// Says more about TLS, such as whom to trust; none by default: then the machine's own certificates count, and the
    /// broker's must be of the host that the address names.
    /// </summary>
    public Action<SslOption>? ConfigureTls { get; set; }

    /// <exception cref="ArgumentException">Something is not in its range; all of it is named.</exception>
    internal void Check()
    {
        var problems = new List<string>();
        if (!global::System.Uri.TryCreate(Uri, UriKind.Absolute, out var address)
            || address.Scheme is not ("amqp" or "amqps"))
            problems.Add($"{nameof(Uri)}: must be an address as amqp://user:password@host:port/virtual-host.");
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
