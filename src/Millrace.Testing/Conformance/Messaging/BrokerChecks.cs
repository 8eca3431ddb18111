using Millrace.Messaging;

namespace Millrace.Testing.Conformance.Messaging;

/// <summary>Contains checks with a broker that crashes and restarts.</summary>
internal static class BrokerChecks
{
    public static IReadOnlyList<TransportCheck> All { get; } =
    [
        new("An available broker passes the health check", A_healthy_broker),
        new(
            "An unavailable broker is reported immediately, and works again after its restart",
            An_unavailable_broker_is_reported,
            TransportFeatures.BrokerStops),
        new(
            "Confirmed messages survive a crash of the broker",
            Confirmed_messages_survive, TransportFeatures.BrokerStops),
        new(
            "A receiver reports that the broker is unavailable, and a new receiver continues",
            A_receiver_reports,
            TransportFeatures.BrokerStops),
        new(
            "Messages confirmed during a crash are delivered afterwards, in order",
            Publishing_during_a_crash,
            TransportFeatures.BrokerStops),
        new(
            "Messages confirmed while connections break are delivered, in order",
            Publishing_while_connections_break,
            TransportFeatures.ConnectionsBreak),
    ];

    private static async Task A_healthy_broker(TransportProbe probe) => await probe.Transport.Check(probe.Cancel);

    private static async Task An_unavailable_broker_is_reported(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        await probe.StopBroker();

        await ExpectUnavailable(() => probe.Transport.Check(probe.Cancel).AsTask(), "a health check");
        await ExpectUnavailable(
            async () =>
            {
                var outcomes = await probe.TryPublish(probe.Message(1));
                if (outcomes[0].Result == PublishResult.Unconfirmed)
                    throw new TransportUnavailableException("reported by the outcome", outcomes[0].Problem ?? "");
            },
            "publishing");
        await ExpectUnavailable(
            async () => await probe.Transport.Receive(subscription, probe.Cancel), "opening a receiver");

        await probe.StartBroker();
        await probe.RetryUntilSuccess(() => PublishOnce(probe, subscription, probe.Message(2)));
        await using var receiver = await probe.RetryUntilSuccess(() =>
            probe.Transport.Receive(subscription, probe.Cancel).AsTask());
        var received = await probe.Take(receiver, 1);
        Expect.True(
            received[0].Message.Id == probe.Message(2).Id || received[0].Message.Id == probe.Message(1).Id,
            "the received messages");
    }

    private static async Task Confirmed_messages_survive(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        var sent = Enumerable.Range(1, 50).Select(number => probe.Message(number, $"order-{number % 5}")).ToList();
        await probe.Publish(sent);

        await probe.StopBroker();
        await probe.StartBroker();

        await using var receiver = await probe.RetryUntilSuccess(() =>
            probe.Transport.Receive(subscription, probe.Cancel).AsTask());
        PublishChecks.ExpectOrder(sent, await probe.Take(receiver, 50));
    }

    private static async Task A_receiver_reports(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await using (var receiver = await probe.Open(subscription))
        {
            await probe.Publish(probe.Messages(1, 3));
            await probe.Take(receiver, 3, acknowledge: false);
            var waiting = receiver.Take(1, probe.Cancel).AsTask();

            await probe.StopBroker();

            await ExpectUnavailable(() => waiting, "a waiting receiver");
        }
        await probe.StartBroker();
        await using var second = await probe.RetryUntilSuccess(() =>
            probe.Transport.Receive(subscription, probe.Cancel).AsTask());
        await probe.Take(second, 3);
    }

    private static Task Publishing_during_a_crash(TransportProbe probe) => WithBrokerFailure(probe, async () =>
    {
        await probe.StopBroker();
        await probe.StartBroker();
    });

    private static Task Publishing_while_connections_break(TransportProbe probe) =>
        WithBrokerFailure(probe, () => probe.CutConnections().AsTask());

    /// <summary>
    /// Publishes during a failure, and publishes unconfirmed messages again, like a publisher. The first copies of all
    /// messages must arrive, and those of each key in order.
    /// </summary>
    private static async Task WithBrokerFailure(TransportProbe probe, Func<Task> causeFailure)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        var sent = Enumerable.Range(0, 1_000).Select(number => probe.Message(number, $"order-{number % 50}")).ToList();
        var failure = Task.CompletedTask;
        for (var next = 0; next < sent.Count; next += 50)
        {
            if (next == 300)
                failure = causeFailure();
            var batch = sent.GetRange(next, 50); // One message of each key.
            while (batch.Count > 0)
            {
                var outcomes = await probe.RetryUntilSuccess(() => probe.TryPublish(batch));
                batch = [.. batch.Where((_, index) => !outcomes[index].IsConfirmed)];
                if (batch.Count > 0)
                    await probe.RetryUntilSuccess(() => Declare(probe, subscription));
            }
        }
        await failure;

        var firstCopies = new List<Delivery>();
        var seen = new HashSet<string>();
        await using var receiver = await probe.RetryUntilSuccess(() =>
            probe.Transport.Receive(subscription, probe.Cancel).AsTask());
        while (seen.Count < sent.Count)
        {
            foreach (var delivery in await probe.Take(receiver, 1))
            {
                if (seen.Add(delivery.Message.Id))
                    firstCopies.Add(delivery);
            }
        }
        PublishChecks.ExpectOrder(sent, firstCopies);
    }

    /// <summary>
    /// Declares the subscription again, as the library does after a failure. A broker may have lost a binding in a
    /// restart.
    /// </summary>
    private static async Task<bool> Declare(TransportProbe probe, Subscription subscription)
    {
        await probe.Declare(subscription);
        return true;
    }

    /// <summary>
    /// Declares the subscription and publishes, as the library does after the broker was unavailable.
    /// </summary>
    private static async Task<bool> PublishOnce(TransportProbe probe, Subscription subscription, Message message)
    {
        await probe.Declare(subscription);
        var outcomes = await probe.TryPublish(message);
        return outcomes[0].IsConfirmed
            ? true
            : throw new TransportUnavailableException("reported by the outcome", outcomes[0].Problem ?? "");
    }

    private static async Task ExpectUnavailable(Func<Task> attempt, string what)
    {
        try
        {
            await attempt();
        }
        catch (TransportUnavailableException)
        {
            return;
        }
        throw new ConformanceException($"— {what} did not report that the broker is unavailable.");
    }
}
