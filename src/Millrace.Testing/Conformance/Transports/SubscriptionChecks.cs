namespace Millrace.Testing;

/// <summary>Subscriptions do not know of one another.</summary>
internal static class SubscriptionChecks
{
    public static IReadOnlyList<TransportCheck> All { get; } =
    [
        new("Every subscription gets every message, also when another does nothing", Subscriptions_are_apart),
        new("A subscription gets the types that it asks for and no others", Types_are_asked_for),
        new(
            "A subscription whose messages are of use for a time gives those of its type while it is there",
            For_a_time),
        new("A declared subscription keeps messages until somebody receives", Messages_wait),
        new("Declaring again changes nothing", Declaring_again_changes_nothing),
        new(
            "Receivers of a subscription share its messages, each once",
            Receivers_share,
            TransportFeatures.SharesAtOnce),
        new("Transports of two nodes reach the same messages", Two_transports_share_a_broker),
    ];

    private static async Task Subscriptions_are_apart(TransportProbe probe)
    {
        var (lively, idle) = (probe.Subscribe("lively"), probe.Subscribe("idle") with { Prefetch = 3 });
        await probe.Declare(lively, idle);
        await using var first = await probe.Transport.Receive(lively, probe.Cancel);
        await using var second = await probe.Transport.Receive(idle, probe.Cancel);
        var sent = probe.Messages(1, 100);
        await probe.Publish(sent);
        var inHand = await probe.Take(second, 3, acknowledge: false); // And does nothing with them.

        var taken = await probe.Take(first, 100);

        Expect.Same(
            sent.Select(one => one.Id).Order(), taken.Select(one => one.Message.Id).Order(), "what came to the other");
        await second.Acknowledge(inHand, probe.Cancel);
        await probe.Take(second, 97);
    }

    private static async Task Types_are_asked_for(TransportProbe probe)
    {
        var (some, all) = (
            probe.Subscribe("some") with
            {
                Types = ["order.paid", "order.shipped"],
            },
            probe.Subscribe("all"));
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
            "the types that came");
        await probe.ExpectNoDelivery(receiver, "a type came that was not asked for");
        await probe.Take(everything, 5);
    }

    /// <summary>So replies come: of many nodes to one destination, to each its own.</summary>
    private static async Task For_a_time(TransportProbe probe)
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
        await probe.ExpectNoDelivery(receiver, "a type came that was not asked for");
    }

    private static async Task Messages_wait(TransportProbe probe)
    {
        var subscription = probe.Subscribe();
        await probe.Declare(subscription);
        var sent = probe.Messages(1, 30);
        await probe.Publish(sent);

        await using var receiver = await probe.Transport.Receive(subscription, probe.Cancel);

        var taken = await probe.Take(receiver, 30);
        Expect.Same(sent.Select(one => one.Id).Order(), taken.Select(one => one.Message.Id).Order(), "what had waited");
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
        await probe.ExpectNoDelivery(receiver, "a message came twice");
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
            "what came to both");
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
