using Millrace.Messaging;

namespace Millrace.Testing;

/// <summary>What is confirmed is there, in order.</summary>
internal static class PublishChecks
{
    public static IReadOnlyList<TransportCheck> All { get; } =
    [
        new("What is confirmed is delivered, once when nothing goes wrong", What_is_confirmed_is_delivered),
        new("Publishing nothing is done at once", Publishing_nothing),
        new("Messages of a key arrive in the order in which they were published", A_key_keeps_its_order),
        new("Many publishers at once lose nothing and keep the order of their keys", Many_publishers),
        new("Messages for several destinations in one call go to theirs", Several_destinations),
        new("A message that reaches nobody is told, and its neighbours arrive", An_unroutable_message_is_told,
            TransportFeatures.TellsUnroutable),
        new("A call that was cancelled before it began publishes nothing", A_cancelled_call_publishes_nothing),
    ];

    private static async Task What_is_confirmed_is_delivered(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe());
        var sent = probe.Messages(1, 500);

        await probe.Publish(sent);

        var taken = await probe.Take(receiver, sent.Count);
        Expect.Same(
            sent.Select(one => one.Id).Order(), taken.Select(one => one.Message.Id).Order(), "the messages that came");
        await probe.ExpectNoDelivery(receiver, "a message came that was not sent, or twice");
    }

    private static async Task Publishing_nothing(TransportProbe probe)
    {
        await probe.Declare(probe.Subscribe());

        await probe.Publish();
    }

    private static async Task A_key_keeps_its_order(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe());
        var sent = Enumerable.Range(1, 600).Select(number => probe.Message(number, $"order-{number % 7}")).ToList();

        for (var i = 0; i < sent.Count; i += 60)
            await probe.Publish(sent.GetRange(i, 60));

        ExpectOrder(sent, await probe.Take(receiver, sent.Count));
    }

    private static async Task Many_publishers(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe());
        var sent = Enumerable
            .Range(0, 8)
            .Select(one =>
                Enumerable.Range(one * 50, 50).Select(number => probe.Message(number, $"order-{one}")).ToList())
            .ToList();

        await Task.WhenAll(sent.Select(async own =>
        {
            for (var i = 0; i < own.Count; i += 10)
                await probe.Publish(own.GetRange(i, 10));
        }));

        var all = sent.SelectMany(own => own).ToList();
        ExpectOrder(all, await probe.Take(receiver, all.Count));
    }

    private static async Task Several_destinations(TransportProbe probe)
    {
        var (first, second) = (probe.Subscribe("first"), probe.Subscribe("second", probe.Name("audit")));
        await probe.Declare(first, second);
        await using var orders = await probe.Transport.Receive(first, probe.Cancel);
        await using var audit = await probe.Transport.Receive(second, probe.Cancel);

        var outcomes = await probe.Transport.Publish(
            [
                new(first.Destination, probe.Message(1)),
                new(second.Destination, probe.Message(1)),
                new(second.Destination, probe.Message(2)),
            ],
            probe.Cancel);

        Expect.Same([true, true, true], outcomes.Select(one => one.IsConfirmed), "the outcomes");
        Expect.Same(
            [probe.Message(1).Id],
            (await probe.Take(orders, 1)).Select(one => one.Message.Id),
            "what came to the first");
        Expect.Same(
            [probe.Message(1).Id, probe.Message(2).Id],
            (await probe.Take(audit, 2)).Select(one => one.Message.Id).Order(),
            "what came to the second");
        await probe.ExpectNoDelivery(orders, "a message came to the wrong destination");
    }

    private static async Task An_unroutable_message_is_told(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe() with { Types = ["order.placed"] });

        var outcomes = await probe.TryPublish(probe.Message(1), probe.Message(2, type: "order.paid"), probe.Message(3));

        Expect.Same(
            [PublishResult.Confirmed, PublishResult.Unroutable, PublishResult.Confirmed],
            outcomes.Select(one => one.Result),
            "the outcomes");
        await probe.Take(receiver, 2);
    }

    private static async Task A_cancelled_call_publishes_nothing(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe());
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        try
        {
            await probe.Transport.Publish([new(probe.Destination, probe.Message(1))], cancelled.Token);
            throw new ConformanceException("— a call with a cancelled token was carried out.");
        }
        catch (OperationCanceledException) when (!probe.Cancel.IsCancellationRequested)
        {
            // As it should be.
        }

        await probe.ExpectNoDelivery(receiver, "a message of a cancelled call came");
    }

    /// <summary>All that was sent came once, and those of a key in their order.</summary>
    internal static void ExpectOrder(IReadOnlyList<Message> sent, IReadOnlyList<Delivery> taken)
    {
        Expect.Equal(sent.Count, taken.Count, "the number of messages");
        foreach (var key in sent.GroupBy(one => one.Key))
        {
            var came = taken.Where(one => one.Message.Key == key.Key).Select(one => one.Message.Id);
            Expect.Same(key.Select(one => one.Id), came, $"the messages of key '{key.Key}' in order");
        }
    }
}
