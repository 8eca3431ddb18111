namespace Millrace.Testing.Conformance.Messaging;

/// <summary>
/// Contains checks that a broker redelivers unacknowledged messages and does not redeliver acknowledged messages.
/// </summary>
internal static class DeliveryChecks
{
    public static IReadOnlyList<TransportCheck> All { get; } =
    [
        new(
            "Unacknowledged messages are delivered again after their receiver is disposed",
            Unacknowledged_messages_are_delivered_again),
        new("Acknowledged messages are not delivered again", Acknowledged_messages_are_not_delivered_again),
        new("Deliveries are acknowledged in any order, one by one or together", Acknowledged_in_any_order),
        new(
            "Returned messages are delivered again, before later messages of their key",
            Returned_messages_are_delivered_again),
        new("The number of unacknowledged deliveries never exceeds the prefetch", No_more_than_the_prefetch),
        new("A receiver waits until a message arrives", Taking_waits),
        new("A cancelled wait for messages loses no message", A_cancelled_take_loses_nothing),
        new(
            "A lost acknowledgement causes a redelivery",
            A_lost_acknowledgement,
            TransportFeatures.ConnectionsBreak),
    ];

    private static async Task Unacknowledged_messages_are_delivered_again(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        var sent = Enumerable.Range(1, 20).Select(number => probe.Message(number, $"order-{number % 3}")).ToList();
        HashSet<string> done;
        await using (var first = await probe.Open(subscription))
        {
            await probe.Publish(sent);
            var taken = await probe.Take(first, 20, acknowledge: false);
            await first.Acknowledge([.. taken.Take(5)], probe.Cancel);
            // Only messages with the same key arrive in the order in which they were sent.
            done = [.. taken.Take(5).Select(one => one.Message.Id)];
        }

        await using var second = await probe.Transport.Receive(subscription, probe.Cancel);

        var again = await probe.Take(second, 15);
        PublishChecks.ExpectOrder([.. sent.Where(one => !done.Contains(one.Id))], again);
        await probe.ExpectNoDelivery(second, "an acknowledged message was delivered again");
    }

    private static async Task Acknowledged_messages_are_not_delivered_again(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await using (var first = await probe.Open(subscription))
        {
            await probe.Publish(probe.Messages(1, 50));
            await probe.Take(first, 50);
        }

        await using var second = await probe.Transport.Receive(subscription, probe.Cancel);

        await probe.ExpectNoDelivery(second, "an acknowledged message was delivered again");
    }

    private static async Task Acknowledged_in_any_order(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await using (var first = await probe.Open(subscription))
        {
            await probe.Publish(probe.Messages(1, 9));
            var taken = await probe.Take(first, 9, acknowledge: false);
            await first.Acknowledge([taken[8], taken[0]], probe.Cancel);
            await first.Acknowledge([taken[4]], probe.Cancel);
            await first.Acknowledge([taken[7], taken[6], taken[5], taken[3], taken[2], taken[1]], probe.Cancel);
        }

        await using var second = await probe.Transport.Receive(subscription, probe.Cancel);

        await probe.ExpectNoDelivery(second, "an acknowledged message was delivered again");
    }

    private static async Task Returned_messages_are_delivered_again(TransportProbe probe)
    {
        var sent = Enumerable.Range(1, 10).Select(number => probe.Message(number, "order-1")).ToList();
        await using var receiver = await probe.Open(probe.Subscribe());
        await probe.Publish(sent);
        var taken = await probe.Take(receiver, 4, acknowledge: false);

        await receiver.Acknowledge([taken[0]], probe.Cancel);
        await receiver.Return([.. taken.Skip(1)], probe.Cancel);

        PublishChecks.ExpectOrder(sent[1..], await probe.Take(receiver, 9));
        await probe.ExpectNoDelivery(receiver, "more messages were delivered than returned and remaining");
    }

    private static async Task No_more_than_the_prefetch(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe() with { Prefetch = 5 });
        await probe.Publish(probe.Messages(1, 20));

        var unacknowledged = await probe.Take(receiver, 5, acknowledge: false);

        await probe.ExpectNoDelivery(receiver, "more deliveries are unacknowledged than the prefetch allows");
        await receiver.Acknowledge(unacknowledged, probe.Cancel);
        await probe.Take(receiver, 15);
    }

    private static async Task Taking_waits(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe());
        var waiting = probe.Take(receiver, 1);

        await probe.Publish(probe.Message(1));

        Expect.Equal(probe.Message(1).Id, (await waiting)[0].Message.Id, "the received message");
    }

    private static async Task A_cancelled_take_loses_nothing(TransportProbe probe)
    {
        await using var receiver = await probe.Open(probe.Subscribe());
        for (var round = 0; round < 20; round++)
        {
            using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(probe.Cancel);
            var waiting = receiver.Take(1, cancelled.Token).AsTask();
            var publishing = probe.Publish(probe.Message(round));
            await cancelled.CancelAsync();
            await publishing;
            var received = 0;
            try
            {
                var some = await waiting;
                await receiver.Acknowledge(some, probe.Cancel);
                received = some.Count;
            }
            catch (OperationCanceledException) when (!probe.Cancel.IsCancellationRequested)
            {
                // The message has not arrived yet.
            }
            if (received == 0)
                await probe.Take(receiver, 1);
        }
        await probe.ExpectNoDelivery(receiver, "a message was delivered twice");
    }

    private static async Task A_lost_acknowledgement(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        var sent = probe.Messages(1, 10);
        await using (var first = await probe.Open(subscription))
        {
            await probe.Publish(sent);
            var taken = await probe.Take(first, 10, acknowledge: false);
            await probe.CutConnections();
            try
            {
                await first.Acknowledge(taken, probe.Cancel);
            }
            catch (TransportUnavailableException)
            {
                // The failure may also be reported later.
            }
        }

        await using var second = await probe.RetryUntilSuccess(() =>
            probe.Transport.Receive(subscription, probe.Cancel).AsTask());

        var again = await probe.Take(second, 10);
        Expect.Same(
            sent.Select(one => one.Id).Order(),
            again.Select(one => one.Message.Id).Order(),
            "the redelivered messages");
    }
}
