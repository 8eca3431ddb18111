using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

/// <summary>
/// A service that writes bills of orders, and whose handler fails as configured. What is to be tried again waits in
/// Redis, unless configured otherwise.
/// </summary>
internal sealed class BillingService : IAsyncDisposable
{
    public const string Consumer = "receive.billing";

    private readonly ConcurrentQueue<(string Order, int Total, TimeSpan At)> _attempts = new();
    private Node? _node;

    /// <summary>Throws for a message that is to fail.</summary>
    public Action<Placed> Check { get; set; } = static _ => { };

    /// <summary>Whether what is to be tried again waits in Redis.</summary>
    public bool RetriesAtBroker { get; init; } = true;

    public Node Node => _node!; // It was started.

    /// <summary>What its handler was given, in that order.</summary>
    public IReadOnlyList<(string Order, int Total, TimeSpan At)> Attempts => [.. _attempts];

    /// <summary>How its queue of retries is; null when it does not receive.</summary>
    public RetryQueueStatus? Retries => Node.Transports.List().Single().Retries.SingleOrDefault();

    /// <summary>Starts a node of the service.</summary>
    /// <param name="address">Where Redis is.</param>
    /// <param name="policy">What it does about errors.</param>
    /// <param name="storage">Its store; by default a separate one.</param>
    /// <param name="redis">How Redis is used.</param>
    /// <param name="consumers">How its consumers are.</param>
    /// <param name="prefetch">How much it has in hand.</param>
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

    /// <summary>What was billed, in that order.</summary>
    public async Task<List<string>> Bills() =>
        await Node.Store.ReadLog(EventFilter.InStreams("bill-")).Select(one => ((Paid)one.Data).Order).ToListAsync();

    /// <summary>What could not be handled for good, and what waits behind it.</summary>
    public async Task<IReadOnlyList<DeadLetter>> ListDeadLetters() =>
        await Node.DeadLetters.List(new DeadLetterQuery { Consumer = Consumer });

    /// <summary>Publishes orders: each a name and a total, which together are its id.</summary>
    public static async Task Publish(RedisServer server, params IEnumerable<(string Order, int Total)> orders)
    {
        await using var transport = new RedisTransport(new RedisOptions { Address = server.Address }, TimeProvider.System);
        var outgoing = orders.Select(one => new OutgoingMessage("orders", new Message
        {
            Id = $"{one.Order}-{one.Total}",
            Type = "order.placed",
            Source = "shop",
            Subject = $"order-{one.Order}",
            Headers = new Dictionary<string, string> { ["colour"] = "blue" },
            Body = Encoding.UTF8.GetBytes($$"""{"order":"{{one.Order}}","total":{{one.Total}}}"""),
        }));
        foreach (var one in outgoing) // One after the other, so that they are in the stream in this order.
            Assert.True((await transport.Publish([one], CancellationToken.None)).Single().IsConfirmed);
    }

    /// <summary>How many messages wait in Redis to be tried again.</summary>
    public static async Task<int> WaitingIn(RedisServer server) =>
        int.Parse((await server.Ask("HLEN {orders}:billing:retry:items"))[1..], CultureInfo.InvariantCulture);

    /// <summary>Waits until nothing is left in Redis, neither in the stream nor in the queue.</summary>
    public static Task Drained(RedisServer server, TimeSpan within) =>
        Eventually.Is(
            async () =>
                (
                    await WaitingIn(server),
                    await server.Ask("ZCARD {orders}:billing:retry:due"),
                    await server.Ask("XPENDING orders billing"),
                    await server.Ask("HLEN {orders}:billing:retry:notes"),
                    await server.Ask("HLEN {orders}:billing:retry:owners")),
            static left => left is (0, ":0", "*4", ":0", ":0"),
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
