namespace Millrace.Testing.Conformance.Messaging;

/// <summary>Contains checks that subscriptions are independent.</summary>
internal static class SubscriptionChecks
{
    public static IReadOnlyList<TransportCheck> All { get; } =
    [
        new("Every subscription receives every message, even if another subscription is idle", Subscriptions_are_apart),
        new("A subscription receives only the types that it names", Only_the_named_types),
        new(
            "A temporary subscription receives messages of its types while it exists",
            Temporary_subscription),
        new("A declared subscription stores messages until a receiver reads them", Messages_wait),
        new("Declaring a subscription again has no effect", Declaring_again_changes_nothing),
        new(
            "Receivers of a subscription share its messages, and each message is received once",
            Receivers_share,
            TransportFeatures.SharesImmediately),
        new("Transports of two nodes can receive messages of the same subscription", Two_transports_share_a_broker),
    ];

    private static async Task Subscriptions_are_apart(TransportProbe probe)
    {
        var active = probe.Subscribe("lively");
        var idle = probe.Subscribe("idle") with { Prefetch = 3 };
        await probe.Declare(active, idle);
        await using var first = await probe.Transport.Receive(active, probe.Cancel);
        await using var second = await probe.Transport.Receive(idle, probe.Cancel);
        var sent = probe.Messages(1, 100);
        await probe.Publish(sent);
        var unacknowledged = await probe.Take(second, 3, acknowledge: false);

        var taken = await probe.Take(first, 100);

        Expect.Same(
            sent.Select(one => one.Id).Order(), taken.Select(one => one.Message.Id).Order(),
            "the messages of the other subscription");
        await second.Acknowledge(unacknowledged, probe.Cancel);
        await probe.Take(second, 97);
    }

    private static async Task Only_the_named_types(TransportProbe probe)
    {
        var some = probe.Subscribe("some") with { Types = ["order.paid", "order.shipped"] };
        var all = probe.Subscribe("all");
        await probe.Declare(some, all);
        await using var receiver = await probe.Transport.Receive(some, probe.Cancel);
        await using var everything = await probe.Transport.Receive(all, probe.Cancel);

        await probe.Publish(
            probe.Message(1), probe.Message(2, type: "order.paid"), probe.Message(3, type: "order.paid.twice"),
            probe.Message(4, type: "order.shipped"), probe.Message(5, type: "order"));

        var taken = await probe.Take(receiver, 2);
        Expect.Same(
            ["order.paid", "order.shipped"],
            taken.Select(one => one.Message.Type).Order(),
            "the received types");
        await probe.ExpectNoDelivery(receiver, "a type arrived that is not subscribed");
        await probe.Take(everything, 5);
    }

    /// <summary>
    /// Verifies the case of replies. Many nodes share one destination, and each node has its own subscription.
    /// </summary>
    private static async Task Temporary_subscription(TransportProbe probe)
    {
        var subscription = probe.Subscribe("passing") with
        {
            Types = ["reply-1"],
            Retention = TimeSpan.FromMinutes(10),
        };
        await probe.Declare(subscription);
        await probe.Publish(probe.Message(1, type: "reply-1"));
        await using var receiver = await probe.Transport.Receive(subscription, probe.Cancel);

        await probe.Publish(probe.Message(2, type: "reply-1"));
        await probe.TryPublish(probe.Message(3, type: "reply-2"));

        await probe.Take(receiver, 2);
        await probe.ExpectNoDelivery(receiver, "a type arrived that is not subscribed");
    }

    private static async Task Messages_wait(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        var sent = probe.Messages(1, 30);
        await probe.Publish(sent);

        await using var receiver = await probe.Transport.Receive(subscription, probe.Cancel);

        var taken = await probe.Take(receiver, 30);
        Expect.Same(
            sent.Select(one => one.Id).Order(), taken.Select(one => one.Message.Id).Order(), "the stored messages");
    }

    private static async Task Declaring_again_changes_nothing(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        await probe.Publish(probe.Messages(1, 5));

        await probe.Declare(subscription);
        await probe.DeclareOn(await probe.Another(), subscription);

        await using var receiver = await probe.Transport.Receive(subscription, probe.Cancel);
        await probe.Take(receiver, 5);
        await probe.ExpectNoDelivery(receiver, "a message was delivered twice");
    }

    private static async Task Receivers_share(TransportProbe probe)
    {
        var subscription = probe.Subscribe() with { Prefetch = 10 };
        await using var first = await probe.Open(subscription);
        await using var second = await probe.Transport.Receive(subscription, probe.Cancel);
        var sent = probe.Messages(1, 20);
        await probe.Publish(sent);

        var taken = await Task.WhenAll(
            probe.Take(first, 10, acknowledge: false), probe.Take(second, 10, acknowledge: false));

        Expect.Same(
            sent.Select(one => one.Id).Order(),
            taken.SelectMany(own => own).Select(one => one.Message.Id).Order(),
            "the messages of both receivers");
    }

    private static async Task Two_transports_share_a_broker(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        var other = await probe.Another();
        await using var receiver = await other.Receive(subscription, probe.Cancel);

        await probe.Publish(probe.Messages(1, 10));

        await probe.Take(receiver, 10);
    }
}
