using System.Text;
using Microsoft.Extensions.Options;
using Millrace.Testing;

namespace Millrace.Redis.Tests;

public sealed class RedisTransportTests(RedisServerFixture own) : IClassFixture<RedisServerFixture>
{
    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan TakeOverAfter = TimeSpan.FromSeconds(5);

    private static int _names;

    private readonly string _name = $"orders-{Interlocked.Increment(ref _names)}";

    private Subscription Orders => new("shipping", _name);

    [RedisTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unacknowledged_messages_of_a_lost_node_are_delivered_to_another_node_in_order(bool shares)
    {
        await using var first = Transport(options => options.SharesSubscriptions = shares);
        await using var second = Transport(options => options.SharesSubscriptions = shares);
        await Declare(first);
        await using var lost = await first.Receive(Orders, Cancel);
        await Publish(first, 1, 10);
        await Take(lost, 10);

        await own.Server.CutConnections(); // The receiver is not disposed, as if its machine had failed.
        await using var successor = await second.Receive(Orders, Cancel);
        var deliveries = await Take(successor, 10);

        Assert.Equal(Enumerable.Range(1, 10).Select(number => $"{number}"), deliveries.Select(item => item.Message.Id));
        Assert.All(deliveries, item => Assert.True(item.MayBeRepeated));
    }

    [RedisFact]
    public async Task A_standby_receiver_takes_over_in_order_when_its_predecessor_closes()
    {
        await using var first = Transport();
        await using var second = Transport();
        await Declare(first);
        var before = await first.Receive(Orders, Cancel);
        await using var after = await second.Receive(Orders, Cancel);
        await Publish(first, 1, 3);
        var deliveries = await Take(before, 3);
        await before.Acknowledge([deliveries[0]], Cancel);
        var waiting = Take(after, 4);
        await Publish(first, 4, 2);

        await before.DisposeAsync();
        var rest = await waiting;

        Assert.Equal(["2", "3", "4", "5"], rest.Select(item => item.Message.Id));
    }

    [RedisTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slow_receiver_keeps_its_unacknowledged_messages(bool shares)
    {
        // Long enough for the owner to renew its lease in time on a busy machine.
        var takeOverAfter = TakeOverAfter * 2;
        await using var first = Transport(options =>
            (options.SharesSubscriptions, options.TakeOverAfter) = (shares, takeOverAfter));
        await using var second = Transport(options =>
            (options.SharesSubscriptions, options.TakeOverAfter) = (shares, takeOverAfter));
        await Declare(first);
        await Publish(first, 1, 10);
        await using var slow = await first.Receive(Orders, Cancel);
        var deliveries = await Take(slow, 10);
        await using var other = await second.Receive(Orders, Cancel);
        using var limit = new CancellationTokenSource(takeOverAfter * 2);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => other.Take(1, limit.Token).AsTask());

        await slow.Acknowledge(deliveries, Cancel);
        Assert.StartsWith("*0", await own.Server.Ask($"XPENDING {_name} shipping - + 10"), StringComparison.Ordinal);
    }

    [RedisFact]
    public async Task A_disposed_shared_receiver_returns_its_messages_to_another_and_removes_its_name()
    {
        await using var transport = Transport(
            options => (options.SharesSubscriptions, options.TakeOverAfter) = (true, TimeSpan.FromMinutes(50)));
        await Declare(transport);
        await Publish(transport, 1, 10);
        var first = await transport.Receive(Orders, Cancel);
        await Take(first, 10);
        await using var second = await transport.Receive(Orders, Cancel);
        var waiting = Take(second, 10);

        await first.DisposeAsync();
        var deliveries = await waiting;

        Assert.Equal(Enumerable.Range(1, 10).Select(number => $"{number}"), deliveries.Select(item => item.Message.Id));
        // The second receiver and the temporary owner of the returned messages.
        Assert.Equal("*2", await own.Server.Ask($"XINFO CONSUMERS {_name} shipping"));
    }

    [RedisFact]
    public async Task Only_messages_that_all_groups_have_acknowledged_are_removed()
    {
        await using var transport = Transport(options => options.RemovesHandled = true);
        var idle = new Subscription("idle", _name);
        await Declare(transport);
        await transport.Declare(new TransportTopology([_name], [idle]), Cancel);
        await using var busy = await transport.Receive(Orders, Cancel);
        await Publish(transport, 1, 1_000);
        await busy.Acknowledge(await Take(busy, 250), Cancel);

        await using (var late = await transport.Receive(idle with { Prefetch = 1_000 }, Cancel))
        {
            var all = await Take(late, 1_000); // Receives all, even after a cleanup.
            Assert.Equal(Enumerable.Range(1, 1_000).Select(number => $"{number}"), all.Select(item => item.Message.Id));
            await late.Acknowledge(all.GetRange(100, 900), Cancel);
            for (var count = 250; count < 1_000; count += 250)
                await busy.Acknowledge(await Take(busy, 250), Cancel);
            await late.Acknowledge(all.GetRange(0, 50), Cancel);
            await Eventually.Get(Length, length => length < 1_000, WaitTimeout);
            Assert.InRange(await Length(), 950, 999);
        }
        await using var last = await transport.Receive(idle, Cancel);
        var remaining = await Take(last, 50);
        Assert.Equal(Enumerable.Range(51, 50).Select(number => $"{number}"), remaining.Select(item => item.Message.Id));
        await last.Acknowledge(remaining, Cancel);
        await Eventually.Get(Length, length => length <= 101, WaitTimeout);

        async Task<int> Length() => int.Parse((await own.Server.Ask($"XLEN {_name}"))[1..], null);
    }

    /// <summary>Replies to requests are removed in this way.</summary>
    [RedisFact]
    public async Task Expired_messages_are_removed_with_their_stream_without_receivers()
    {
        await using var transport = Transport(options => options.TakeOverAfter = TimeSpan.FromSeconds(1));
        var retention = TimeSpan.FromSeconds(10);
        var replies = new Subscription("reply-1", _name) { Retention = retention };
        await transport.Declare(new TransportTopology([], [replies]), Cancel);
        await Publish(transport, 1, 1_000);
        Assert.Equal(":1000", await own.Server.Ask($"XLEN {_name}"));
        await using (var receiver = await transport.Receive(replies, Cancel)) // Only receivers remove expired messages.
        {
            // Redis removes blocks of a hundred entries.
            await Eventually.Get(Length, static length => length <= 100, WaitTimeout);

            await Eventually.Get(() => PublishAndTake(receiver), static id => id == "1001", WaitTimeout);
        }
        await Eventually.Get(() => own.Server.Ask($"EXISTS {_name}"), static answer => answer == ":0", WaitTimeout);

        // A message that is not received in time is removed, too. The test then sends it again.
        async Task<string> PublishAndTake(IReceiver receiver)
        {
            await Publish(transport, 1_001, 1);
            using var limit = new CancellationTokenSource(retention);
            try
            {
                var deliveries = await receiver.Take(1_000, limit.Token);
                await receiver.Acknowledge(deliveries, Cancel);
                return deliveries[^1].Message.Id;
            }
            catch (OperationCanceledException)
            {
                return "";
            }
        }

        async Task<int> Length() => int.Parse((await own.Server.Ask($"XLEN {_name}"))[1..], null);
    }

    [RedisFact]
    public async Task An_entry_of_another_program_is_delivered_with_its_error()
    {
        await using var transport = Transport();
        await Declare(transport);
        await own.Server.Ask($"XADD {_name} * colour red");
        await own.Server.Ask($"XADD {_name} * colour blue");
        await using var receiver = await transport.Receive(Orders with { Types = ["order.placed"] }, Cancel);

        var deliveries = await Take(receiver, 2);

        Assert.Equal(
            ["""{"colour":"red"}""", """{"colour":"blue"}"""],
            deliveries.Select(item => Encoding.UTF8.GetString(item.Message.Body.Span)));
        Assert.All(deliveries, item => Assert.Contains("'id'", item.Problem, StringComparison.Ordinal));
        Assert.Equal(2, deliveries.Select(item => item.Message.Id).Distinct().Count());
    }

    [RedisFact]
    public async Task Headers_with_reserved_names_arrive_unchanged()
    {
        await using var transport = Transport();
        await Declare(transport);
        await using var receiver = await transport.Receive(Orders, Cancel);
        var headers = new Dictionary<string, string> { ["data"] = "a", ["content-type"] = "b", ["header_data"] = "c" };

        await transport.Publish([new(_name, Message(1) with { Headers = headers })], Cancel);

        var received = (await Take(receiver, 1))[0].Message;
        Assert.Equal(headers.OrderBy(item => item.Key), received.Headers.OrderBy(item => item.Key));
        Assert.Equal(("application/json", "{}"), (received.ContentType, Encoding.UTF8.GetString(received.Body.Span)));
    }

    [RedisFact]
    public async Task A_stream_is_trimmed_to_about_its_maximum_length()
    {
        await using var transport = Transport(options => options.MaxLength = 50);
        await Declare(transport);

        await Publish(transport, 1, 1_000);

        var length = int.Parse((await own.Server.Ask($"XLEN {_name}"))[1..], null);
        Assert.InRange(length, 50, 300);
    }

    [RedisFact]
    public async Task A_new_subscription_starts_with_the_oldest_message_by_default()
    {
        await using var early = Transport();
        await using var late = Transport(options => options.BeginsAtEnd = true);
        await Publish(early, 1, 2);
        await Declare(early);
        var newest = new Subscription("newest", _name);
        await late.Declare(new TransportTopology([_name], [newest]), Cancel);
        await Publish(early, 3, 1);
        await using var all = await early.Receive(Orders, Cancel);
        await using var some = await late.Receive(newest, Cancel);

        Assert.Equal(["1", "2", "3"], (await Take(all, 3)).Select(item => item.Message.Id));
        Assert.Equal(["3"], (await Take(some, 1)).Select(item => item.Message.Id));
    }

    [RedisFact]
    public async Task A_lost_group_that_started_at_the_end_is_recreated_at_its_start()
    {
        await using var early = Transport();
        await using var late = Transport(options => options.BeginsAtEnd = true);
        await Publish(early, 1, 2);
        var newest = new Subscription("newest", _name);
        await late.Declare(new TransportTopology([_name], [newest]), Cancel);
        await Publish(early, 3, 1);
        await own.Server.Ask($"XGROUP DESTROY {_name} newest");
        await Publish(early, 4, 1);

        await late.Declare(new TransportTopology([_name], [newest]), Cancel);

        await using var some = await late.Receive(newest, Cancel);
        Assert.Equal(["3", "4"], (await Take(some, 2)).Select(item => item.Message.Id));
    }

    [RedisFact]
    public async Task A_key_that_holds_something_else_is_refused()
    {
        await using var transport = Transport();
        await own.Server.Ask($"SET {_name} 7");

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(() => Declare(transport));

        Assert.Contains("holds a string", refused.Message, StringComparison.Ordinal);
        var outcome = (await transport.Publish([new(_name, Message(1))], Cancel)).Single();
        Assert.Equal(PublishResult.Unconfirmed, outcome.Result);
        Assert.Contains("WRONGTYPE", outcome.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void All_option_errors_are_reported_together_without_a_password()
    {
        var refused = Assert.Throws<OptionsValidationException>(() =>
            new RedisTransport(
                new RedisOptions
                {
                    Address = "http://app:secret@host",
                    MaxLength = -1,
                    TakeOverAfter = TimeSpan.Zero,
                },
                TimeProvider.System));

        Assert.Equal(3, refused.Failures.Count());
        Assert.Contains("Millrace:Redis:MaxLength", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    private static Message Message(int number) =>
        new() { Id = $"{number}", Type = "order.placed", Subject = "order-1", Body = "{}"u8.ToArray() };

    private RedisTransport Transport(Action<RedisOptions>? configure = null)
    {
        var options = new RedisOptions
        {
            Address = own.Server.Address,
            TakeOverAfter = TakeOverAfter,
            AnswerTimeout = TimeSpan.FromSeconds(20),
        };
        configure?.Invoke(options);
        return new RedisTransport(options, TimeProvider.System);
    }

    private Task Declare(RedisTransport transport) =>
        transport.Declare(new TransportTopology([_name], [Orders]), Cancel).AsTask();

    private async Task Publish(RedisTransport transport, int from, int count)
    {
        var outcomes = await transport.Publish(
            [.. Enumerable.Range(from, count).Select(number => new OutgoingMessage(_name, Message(number)))], Cancel);
        Assert.All(outcomes, outcome => Assert.True(outcome.IsConfirmed));
    }

    private static async Task<List<Delivery>> Take(IReceiver receiver, int count)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var deliveries = new List<Delivery>();
        while (deliveries.Count < count)
            deliveries.AddRange(await receiver.Take(count - deliveries.Count, limit.Token));
        return deliveries;
    }
}
