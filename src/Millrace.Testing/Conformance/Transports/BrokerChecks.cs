using Millrace.Messaging;

namespace Millrace.Testing;

/// <summary>A broker dies and comes back.</summary>
internal static class BrokerChecks
{
    public static IReadOnlyList<TransportCheck> All { get; } =
    [
        new("A broker that is there passes a check of its health", A_healthy_broker),
        new(
            "A broker that is away is told at once, and works again when it is back",
            A_broker_away_is_told,
            TransportFeatures.BrokerStops),
        new("What was confirmed outlives the broker", What_was_confirmed_outlives, TransportFeatures.BrokerStops),
        new(
            "A receiver tells that the broker is gone, and another goes on",
            A_receiver_tells,
            TransportFeatures.BrokerStops),
        new(
            "What is confirmed while the broker dies is there afterwards, in order",
            Dying_in_flight,
            TransportFeatures.BrokerStops),
        new(
            "What is confirmed while connections break is there, in order",
            Breaking_in_flight,
            TransportFeatures.ConnectionsBreak),
    ];

    private static async Task A_healthy_broker(TransportProbe probe) => await probe.Transport.Check(probe.Cancel);

    private static async Task A_broker_away_is_told(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        await probe.StopBroker();

        await ExpectUnavailable(() => probe.Transport.Check(probe.Cancel).AsTask(), "a check of health");
        await ExpectUnavailable(
            async () =>
            {
                var outcomes = await probe.TryPublish(probe.Message(1));
                if (outcomes[0].Result == PublishResult.Unconfirmed)
                    throw new TransportUnavailableException("said by the outcome", outcomes[0].Problem ?? "");
            },
            "publishing");
        await ExpectUnavailable(
            async () => await probe.Transport.Receive(subscription, probe.Cancel), "opening a receiver");

        await probe.StartBroker();
        await probe.RetryUntilSuccess(() => PublishOnce(probe, subscription, probe.Message(2)));
        await using var receiver = await probe.RetryUntilSuccess(() =>
            probe.Transport.Receive(subscription, probe.Cancel).AsTask());
        var came = await probe.Take(receiver, 1);
        Expect.True(
            came[0].Message.Id == probe.Message(2).Id || came[0].Message.Id == probe.Message(1).Id,
            "what came is what was sent");
    }

    private static async Task What_was_confirmed_outlives(TransportProbe probe)
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

    private static async Task A_receiver_tells(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await using (var receiver = await probe.Open(subscription))
        {
            await probe.Publish(probe.Messages(1, 3));
            await probe.Take(receiver, 3, acknowledge: false);
            var waiting = receiver.Take(1, probe.Cancel).AsTask();

            await probe.StopBroker();

            await ExpectUnavailable(() => waiting, "a receiver that waits");
        }
        await probe.StartBroker();
        await using var second = await probe.RetryUntilSuccess(() =>
            probe.Transport.Receive(subscription, probe.Cancel).AsTask());
        await probe.Take(second, 3);
    }

    private static Task Dying_in_flight(TransportProbe probe) => WithBrokerFailure(probe, async () =>
    {
        await probe.StopBroker();
        await probe.StartBroker();
    });

    private static Task Breaking_in_flight(TransportProbe probe) =>
        WithBrokerFailure(probe, () => probe.CutConnections().AsTask());

    /// <summary>
    /// Publishes while something goes wrong, again what was not confirmed, as a publisher does: what came first of each
    /// message is all of them, in the order of their keys.
    /// </summary>
    private static async Task WithBrokerFailure(TransportProbe probe, Func<Task> disturb)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        var sent = Enumerable.Range(0, 1_000).Select(number => probe.Message(number, $"order-{number % 50}")).ToList();
        var disturbing = Task.CompletedTask;
        for (var next = 0; next < sent.Count; next += 50)
        {
            if (next == 300)
                disturbing = disturb();
            var batch = sent.GetRange(next, 50); // One of each key.
            while (batch.Count > 0)
            {
                var outcomes = await probe.RetryUntilSuccess(() => probe.TryPublish(batch));
                batch = [.. batch.Where((_, index) => !outcomes[index].IsConfirmed)];
                if (batch.Count > 0)
                    await probe.RetryUntilSuccess(() => Ask(probe, subscription));
            }
        }
        await disturbing;

        var firsts = new List<Delivery>();
        var seen = new HashSet<string>();
        await using var receiver = await probe.RetryUntilSuccess(() =>
            probe.Transport.Receive(subscription, probe.Cancel).AsTask());
        while (seen.Count < sent.Count)
        {
            foreach (var delivery in await probe.Take(receiver, 1))
            {
                if (seen.Add(delivery.Message.Id))
                    firsts.Add(delivery);
            }
        }
        PublishChecks.ExpectOrder(sent, firsts);
    }

    /// <summary>Asks for what is needed, as the core does after a failure: a broker may come back without a
    /// binding.</summary>
    private static async Task<bool> Ask(TransportProbe probe, Subscription subscription)
    {
        await probe.Declare(subscription);
        return true;
    }

    /// <summary>Asks for what is needed and publishes, as the core does after a broker was away: it may come back
    /// without it.</summary>
    private static async Task<bool> PublishOnce(TransportProbe probe, Subscription subscription, Message message)
    {
        await probe.Declare(subscription);
        var outcomes = await probe.TryPublish(message);
        return outcomes[0].IsConfirmed
            ? true
            : throw new TransportUnavailableException("said by the outcome", outcomes[0].Problem ?? "");
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
        throw new ConformanceException($"— {what} did not tell that the broker is away.");
    }
}
