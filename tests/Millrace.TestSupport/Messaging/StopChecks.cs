using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.TestSupport.Messaging;

/// <summary>
/// Checks that applications that stop while they publish and receive finish their messages, over any broker.
/// </summary>
/// <param name="connect">Connects an application to the broker.</param>
internal sealed class StopChecks(Action<MillraceBuilder, Action<TransportBuilder>> connect)
{
    private const int Rounds = 3;
    private const int Orders = 10;
    private const int EventsPerOrder = 20; // In each round.

    // Long, because other tests and builds share the processor.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(2);

    // A message whose confirm times out too early would be sent twice.
    private static readonly TimeSpan ConfirmTimeout = TimeSpan.FromSeconds(30);

    private readonly string _destination = $"stop-{Guid.NewGuid():N}";
    private TaskCompletionSource _gate = new();
    private int _startedCount;
    private int _finishedCount;

    /// <summary>Checks that no message is lost or handled twice, and that streams keep their order.</summary>
    public async Task Run()
    {
        using var measured = new MeasuredMessages(_destination);
        var (sold, billed) = (new InMemoryStorage(), new InMemoryStorage());
        var billing = await Receive(billed, BillWhenAllowed);
        for (var round = 0; round < Rounds; round++)
        {
            _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var startedCount = Volatile.Read(ref _startedCount);
            await using (var shop = await Sell(sold))
                await Task.WhenAll(Enumerable.Range(0, Orders).Select(order => Place(shop, order, round)));
            await using (await Sell(sold))
                await Eventually.Until(() => Volatile.Read(ref _startedCount) > startedCount, WaitTimeout);

            var stopping = billing.DisposeAsync().AsTask(); // The messages in progress wait at the gate.
            Assert.False(stopping.IsCompleted);
            _gate.SetResult();
            await stopping;

            Assert.Equal(Volatile.Read(ref _startedCount), Volatile.Read(ref _finishedCount));
            billing = await Receive(billed, BillWhenAllowed);
        }
        await using var lastShop = await Sell(sold);
        var publisher = $"publish.{lastShop.Transports.List().Single().Name}";
        await Eventually.Get(lastShop.Consumers, publisher, static status => status.LagEvents == 0, WaitTimeout);
        var bills = await Eventually.Get(
            () => Bills(billing), static bills => bills.Count >= Rounds * Orders * EventsPerOrder, WaitTimeout);

        await billing.DisposeAsync();
        Assert.All(
            bills
                .Select(static bill => bill.Split(" for "))
                .GroupBy(static parts => parts[0], static parts => int.Parse(parts[1])),
            static totals => Assert.Equal(Enumerable.Range(0, Rounds * EventsPerOrder), totals));
        Assert.Equal(Rounds * Orders * EventsPerOrder, bills.Count);
        Assert.Equal(bills.Count, _startedCount);
        Assert.Equal(bills.Count, measured["messaging.client.sent.messages"]);
        Assert.Equal((0, 0), (measured["millrace.messaging.duplicates"], measured["millrace.messaging.in_hand"]));
    }

    /// <summary>Checks that a message that exceeds the stop timeout stays in the broker and is handled once.</summary>
    public async Task RunLate()
    {
        var isEntered = false;
        var (sold, billed) = (new InMemoryStorage(), new InMemoryStorage());
        var billing = await Receive(
            billed,
            async (_, _, cancel) =>
            {
                Volatile.Write(ref isEntered, true);
                await new TaskCompletionSource().Task.WaitAsync(cancel); // Waits until the handler is cancelled.
            },
            options => options.StopTimeout = TimeSpan.FromMilliseconds(200));
        await using var shop = await Sell(sold);
        await shop.Store.Place("7", 1);
        await Eventually.Until(() => Volatile.Read(ref isEntered), WaitTimeout);

        await billing.DisposeAsync().AsTask().WaitAsync(WaitTimeout);

        _gate.SetResult();
        await using var next = await Receive(billed, BillWhenAllowed);
        await shop.Store.Place("8", 2);
        var bills = await Eventually.Get(() => Bills(next), static bills => bills.Count == 2, WaitTimeout);
        Assert.Equal(["7 for 1", "8 for 2"], bills.Order(StringComparer.Ordinal));
    }

    private static async Task Place(Node shop, int order, int round)
    {
        for (var i = 0; i < EventsPerOrder; i++)
            await shop.Store.Place($"{order}", (round * EventsPerOrder) + i);
    }

    private static async Task<List<string>> Bills(Node node) =>
        await node
            .Store.ReadLog(EventFilter.InStreams("bill-"))
            .Select(static recorded => ((Paid)recorded.Data).Order)
            .ToListAsync();

    private async ValueTask BillWhenAllowed(Placed placed, MessageContext context, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _startedCount);
        await _gate.Task.WaitAsync(cancellationToken);
        context.Effect.To(
            StreamId.For("bill", placed.Order), ExpectedVersion.Any, new Paid($"{placed.Order} for {placed.Total}"));
        Interlocked.Increment(ref _finishedCount);
    }

    private Task<Node> Sell(InMemoryStorage sold) =>
        Node.Start(
            millrace =>
                connect(
                    millrace.ConfigureConsumers(static options => options.StopTimeout = WaitTimeout),
                    transport =>
                        transport
                            .Publish<Placed>(_destination)
                            .Configure(static options =>
                                (options.BatchMessages, options.ConfirmTimeout) = (10, ConfirmTimeout))),
            sold);

    private async Task<Node> Receive(
        InMemoryStorage billed, MessageHandler<Placed> handler, Action<ConsumerOptions>? configure = null)
    {
        var node = await Node.Start(
            millrace =>
            {
                connect(millrace, transport => transport
                    .Receive(_destination, _destination, receiver => receiver.Handle(handler))
                    .Configure(static options => (options.Prefetch, options.ConfirmTimeout) = (10, ConfirmTimeout)));
                millrace.ConfigureConsumers(options =>
                {
                    options.StopTimeout = WaitTimeout;
                    configure?.Invoke(options);
                });
            },
            billed);
        await Eventually.Until(() => node.Transports.List().Single().State == TransportState.Connected, WaitTimeout);
        return node;
    }
}
