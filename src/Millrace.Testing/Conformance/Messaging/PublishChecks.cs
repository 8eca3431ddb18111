using Millrace.Messaging;

namespace Millrace.Testing.Conformance.Messaging;

/// <summary>Contains checks that confirmed messages are delivered in order.</summary>
internal static class PublishChecks
{
    public static IReadOnlyList<TransportCheck> All { get; } =
    [
        new("Confirmed messages are delivered, once if nothing fails", What_is_confirmed_is_delivered),
        new("Publishing an empty list completes immediately", Publishing_nothing),
        new("Messages of a key arrive in the order in which they were published", A_key_keeps_its_order),
        new("Many concurrent publishers lose no messages and keep the order of their keys", Many_publishers),
        new("Messages for several destinations in one call reach their destinations", Several_destinations),
        new("An unroutable message is reported, and other messages arrive", An_unroutable_message_is_reported,
            TransportFeatures.ReportsUnroutable),
        new("A call with a cancelled token publishes nothing", A_cancelled_call_publishes_nothing),
    ];

    private static async Task What_is_confirmed_is_delivered(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe());
        var sent = probe.Messages(1, 500);

        await probe.Publish(sent);

        var taken = await probe.Take(receiver, sent.Count);
        Expect.Same(
            sent.Select(one => one.Id).Order(), taken.Select(one => one.Message.Id).Order(), "the received messages");
        await probe.ExpectNoDelivery(receiver, "a message arrived twice or was never sent");
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
        var first = probe.Subscribe("first");
        var second = probe.Subscribe("second", probe.Name("audit"));
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
            "the messages of the first destination");
        Expect.Same(
            [probe.Message(1).Id, probe.Message(2).Id],
            (await probe.Take(audit, 2)).Select(one => one.Message.Id).Order(),
            "the messages of the second destination");
        await probe.ExpectNoDelivery(orders, "a message arrived at the wrong destination");
    }

    private static async Task An_unroutable_message_is_reported(TransportProbe probe)
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
            // Expected.
        }

        await probe.ExpectNoDelivery(receiver, "a message of a cancelled call arrived");
    }

    /// <summary>
    /// Throws unless every sent message has arrived once, and the messages of each key have arrived in order.
    /// </summary>
    internal static void ExpectOrder(IReadOnlyList<Message> sent, IReadOnlyList<Delivery> taken)
    {
        Expect.Equal(sent.Count, taken.Count, "the number of messages");
        foreach (var key in sent.GroupBy(one => one.Key))
        {
            var received = taken.Where(one => one.Message.Key == key.Key).Select(one => one.Message.Id);
            Expect.Same(key.Select(one => one.Id), received, $"the messages of key '{key.Key}' in order");
        }
    }
}
