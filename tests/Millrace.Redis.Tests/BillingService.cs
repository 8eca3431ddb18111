using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>
/// A service that writes bills for orders. Its handler fails as configured. By default, messages wait in Redis for
/// their next attempt.
/// </summary>
internal sealed class BillingService : IAsyncDisposable
{
    public const string Consumer = "receive.billing";

    private readonly ConcurrentQueue<(string Order, int Total, TimeSpan At)> _attempts = new();
    private Node? _node;

    /// <summary>Gets or sets the action that throws for a message that must fail.</summary>
    public Action<Placed> Check { get; set; } = static _ => { };

    /// <summary>Gets a value indicating whether messages wait in Redis for their next attempt.</summary>
    public bool RetriesAtBroker { get; init; } = true;

    public Node Node => _node!; // Start has set the node.

    /// <summary>Gets the calls of the handler, in order.</summary>
    public IReadOnlyList<(string Order, int Total, TimeSpan At)> Attempts => [.. _attempts];

    /// <summary>Gets the status of the retry queue, or null if the service does not receive.</summary>
    public RetryQueueStatus? Retries => Node.Transports.List().Single().Retries.SingleOrDefault();

    /// <summary>Starts a node of the service.</summary>
    /// <param name="address">The address of Redis.</param>
    /// <param name="policy">Configures the failure policy of the receiver.</param>
    /// <param name="storage">The storage of the node. By default, the node has a new storage.</param>
    /// <param name="redis">Configures the connection to Redis.</param>
    /// <param name="consumers">Configures the consumers.</param>
    /// <param name="prefetch">The maximum number of unacknowledged messages.</param>
    public async Task<BillingService> Start(
        string address,
        Func<FailurePolicy, FailurePolicy> policy,
        IStorage? storage = null,
        Action<RedisOptions>? redis = null,
        Action<ConsumerOptions>? consumers = null,
        int prefetch = 1_000)
    {
        _node = await Node.Start(
            millrace => millrace
                .UseRedis(
                    address,
                    transport => transport
                        .Configure(options => options.Prefetch = prefetch)
                        .Receive("billing", "orders", Receive),
                    redis)
                .ConfigureConsumers(consumers ?? (static _ => { }))
                .OnFailure(Consumer, policy),
            storage);
        return this;
    }

    /// <summary>Returns the bills in the order in which they were written.</summary>
    public async Task<List<string>> Bills() =>
        await Node.Store.ReadLog(EventFilter.InStreams("bill-")).Select(bill => ((Paid)bill.Data).Order).ToListAsync();

    /// <summary>Returns the parked messages and the messages that wait behind them.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListDeadLetters() =>
        await Node.DeadLetters.List(new DeadLetterQuery { Consumer = Consumer });

    /// <summary>Publishes orders. The name and the total of an order form the id of its message.</summary>
    public static async Task Publish(RedisServer server, params IEnumerable<(string Order, int Total)> orders)
    {
        await using var transport = new RedisTransport(
            new RedisOptions { Address = server.Address }, TimeProvider.System);
        var outgoing = orders.Select(order => new OutgoingMessage("orders", new Message
        {
            Id = $"{order.Order}-{order.Total}",
            Type = "order.placed",
            Source = "shop",
            Subject = $"order-{order.Order}",
            Headers = new Dictionary<string, string> { ["colour"] = "blue" },
            Body = Encoding.UTF8.GetBytes($$"""{"order":"{{order.Order}}","total":{{order.Total}}}"""),
        }));
        foreach (var message in outgoing) // One after the other, so that the stream has the same order.
            Assert.True((await transport.Publish([message], CancellationToken.None)).Single().IsConfirmed);
    }

    /// <summary>Returns the number of messages that wait in Redis for their next attempt.</summary>
    public static async Task<int> CountWaiting(RedisServer server) =>
        int.Parse((await server.Ask("HLEN {orders}:billing:retry:items"))[1..], CultureInfo.InvariantCulture);

    /// <summary>Waits until the stream and the retry queue in Redis are empty.</summary>
    public static Task WaitUntilDrained(RedisServer server, TimeSpan within) =>
        Eventually.Get(
            async () =>
                (
                    await CountWaiting(server),
                    await server.Ask("ZCARD {orders}:billing:retry:due"),
                    await server.Ask("XPENDING orders billing"),
                    await server.Ask("HLEN {orders}:billing:retry:notes"),
                    await server.Ask("HLEN {orders}:billing:retry:owners")),
            static counts => counts is (0, ":0", "*4", ":0", ":0"),
            within);

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
    }

    private void Receive(ReceiverBuilder receiver)
    {
        if (RetriesAtBroker)
            receiver.RetryAtBroker();
        receiver.Handle<Placed>(Bill);
    }

    private ValueTask Bill(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        _attempts.Enqueue((placed.Order, placed.Total, TimeSpan.FromMilliseconds(Environment.TickCount64)));
        Assert.Equal("blue", context.Message.Headers["colour"]);
        Check(placed);
        context.Effect.To(
            StreamId.For("bill", placed.Order), ExpectedVersion.Any, new Paid($"{placed.Order} for {placed.Total}"));
        return ValueTask.CompletedTask;
    }
}
