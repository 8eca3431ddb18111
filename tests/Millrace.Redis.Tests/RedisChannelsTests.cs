using System.Text;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

public sealed class RedisChannelsTests(RedisServerFixture own)
    : IClassFixture<RedisServerFixture>, IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3); // Long, because tests share the processor.

    private readonly CancellationTokenSource _limit = new(WaitTimeout);
    private readonly List<RedisChannels> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }

    public void Dispose() => _limit.Dispose();

    [RedisFact]
    public async Task A_message_reaches_all_subscribers_of_the_channel()
    {
        var (publisher, first, second) = (Node(), Node(), Node());
        await using var firstStock = first.Subscribe("stock");
        await using var secondStock = second.Subscribe("stock");
        await using var prices = second.Subscribe("prices");
        await using var firstReader = Read(firstStock);
        await using var secondReader = Read(secondStock);
        await using var priceReader = Read(prices);
        Assert.Equal(
            ["gap", "gap", "gap"], [await Next(firstReader), await Next(secondReader), await Next(priceReader)]);

        Assert.Equal(2, await PublishText(publisher, "stock", "a"));
        Assert.Equal(1, await PublishText(publisher, "prices", "b"));

        Assert.Equal(["a", "a", "b"], [await Next(firstReader), await Next(secondReader), await Next(priceReader)]);
    }

    [RedisFact]
    public async Task A_late_subscriber_starts_with_a_gap_and_does_not_affect_others()
    {
        var node = Node();
        await using var first = node.Subscribe("later");
        await using var firstReader = Read(first);
        Assert.Equal("gap", await Next(firstReader));
        await using var second = node.Subscribe("later");
        await using var secondReader = Read(second);
        Assert.Equal("gap", await Next(secondReader));

        await PublishText(node, "later", "a");

        Assert.Equal(["a", "a"], [await Next(firstReader), await Next(secondReader)]);
    }

    [RedisFact]
    public async Task After_a_disconnect_or_crash_a_subscriber_gets_a_gap_and_continues()
    {
        var (publisher, node) = (Node(), Node());
        await using var subscription = node.Subscribe("broken");
        await using var reader = Read(subscription);
        Assert.Equal("gap", await Next(reader));

        await own.Server.Ask("CLIENT KILL TYPE pubsub SKIPME yes");
        Assert.Equal("gap", await Next(reader));
        Assert.Equal(1, await PublishText(publisher, "broken", "after the break"));
        Assert.Equal("after the break", await Next(reader));

        await own.Server.Crash();
        await Assert.ThrowsAsync<TransportUnavailableException>(() => PublishText(publisher, "broken", "lost"));
        await own.Server.Restart();
        Assert.Equal("gap", await Next(reader));
        Assert.Equal(1, await PublishText(publisher, "broken", "after the crash"));
        Assert.Equal("after the crash", await Next(reader));
    }

    [RedisFact]
    public async Task A_slow_subscriber_gets_a_gap_instead_of_the_missed_messages()
    {
        var (publisher, node) = (Node(), Node());
        await using var slow = node.Subscribe("slow", capacity: 10);
        await using var quick = node.Subscribe("slow");
        await using var reader = Read(slow);
        await using var quicks = Read(quick);
        Assert.Equal(["gap", "gap"], [await Next(reader), await Next(quicks)]);

        for (var i = 1; i <= 25; i++)
            await PublishText(publisher, "slow", $"{i}");
        for (var i = 1; i <= 25; i++)
            Assert.Equal($"{i}", await Next(quicks));

        Assert.Equal("gap", await Next(reader));
        var received = new List<string>();
        while (received.LastOrDefault() != "25")
            received.Add(await Next(reader));
        Assert.InRange(received.Count, 1, 10);
        Assert.Equal(Enumerable.Range(26 - received.Count, received.Count).Select(number => $"{number}"), received);
    }

    [RedisFact]
    public async Task A_disposed_subscription_receives_nothing_from_Redis()
    {
        var (publisher, node) = (Node(), Node());
        var subscription = node.Subscribe("ended");
        await using var remaining = node.Subscribe("kept");
        await using var reader = Read(subscription);
        Assert.Equal("gap", await Next(reader));

        await subscription.DisposeAsync();

        Assert.False(await reader.MoveNextAsync());
        await Eventually.Get(() => PublishText(publisher, "ended", "a"), listeners => listeners == 0);
    }

    [RedisFact]
    public async Task Disposing_a_node_completes_its_subscriptions()
    {
        var node = Node();
        await using var subscription = node.Subscribe("closing");
        await using var reader = Read(subscription);
        Assert.Equal("gap", await Next(reader));

        await node.DisposeAsync();

        Assert.False(await reader.MoveNextAsync());
        Assert.Throws<ObjectDisposedException>(() => node.Subscribe("closing"));
    }

    private static Task<long> PublishText(RedisChannels node, string channel, string text) =>
        node.Publish(channel, Encoding.UTF8.GetBytes(text));

    private static async Task<string> Next(IAsyncEnumerator<RedisChannelMessage> reader)
    {
        Assert.True(await reader.MoveNextAsync());
        return reader.Current.IsGap ? "gap" : Encoding.UTF8.GetString(reader.Current.Body.Span);
    }

    private IAsyncEnumerator<RedisChannelMessage> Read(RedisSubscription subscription) =>
        subscription.Read(_limit.Token).GetAsyncEnumerator();

    private RedisChannels Node()
    {
        var node = new RedisChannels(
            new RedisOptions { Address = own.Server.Address, AnswerTimeout = TimeSpan.FromSeconds(20) },
            TimeProvider.System);
        _nodes.Add(node);
        return node;
    }
}
