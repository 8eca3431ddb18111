using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Millrace.Testing;

namespace Millrace.Kafka.Tests;

public sealed class KafkaTransportTests(KafkaServerFixture fixture) : IClassFixture<KafkaServerFixture>
{
    // API keys and error codes of Kafka's protocol.
    private const short Produce = 0;
    private const short OffsetCommit = 8;
    private const int MessageTooLarge = 10;
    private const int RebalanceInProgress = 27;
    private const int TopicAuthorizationFailed = 29;
    private const int GroupAuthorizationFailed = 30;

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    private static int _topics;

    private readonly string _topic = $"orders-{Interlocked.Increment(ref _topics)}";

    private Subscription Orders => new("shipping", _topic);

    [Fact]
    public async Task Permanent_and_transient_refusals_are_distinguished()
    {
        await using var transport = Transport();
        await Declare(transport);

        fixture.Server.Fail(Produce, MessageTooLarge);
        var tooLarge = await Publish(transport, 1);
        fixture.Server.Fail(Produce, TopicAuthorizationFailed);
        var forbidden = await Publish(transport, 2);
        var after = await Publish(transport, 3);

        Assert.Equal((PublishResult.Refused, PublishResult.Unconfirmed), (tooLarge.Result, forbidden.Result));
        Assert.Equal(PublishOutcome.Confirmed, after);
        Assert.Contains("TopicAuthorizationFailed", forbidden.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_permission_is_reported_by_the_receiver()
    {
        await using var transport = Transport();
        await Declare(transport);
        await Publish(transport, 1);
        await using var receiver = await transport.Receive(Orders, Cancel);
        var deliveries = await Take(receiver, 1);

        fixture.Server.Fail(OffsetCommit, GroupAuthorizationFailed);
        var refused = await Assert.ThrowsAsync<TransportRefusedException>(() =>
            receiver.Acknowledge(deliveries, Cancel).AsTask());

        Assert.Contains("GroupAuthorizationFailed", refused.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<TransportRefusedException>(() => receiver.Take(1, Cancel).AsTask());
    }

    [Fact]
    public async Task An_offset_commit_that_a_rebalance_refuses_is_repeated()
    {
        await using var transport = Transport();
        await Declare(transport);
        await Publish(transport, 1);
        await using (var receiver = await transport.Receive(Orders, Cancel))
        {
            var deliveries = await Take(receiver, 1);
            fixture.Server.Fail(OffsetCommit, RebalanceInProgress);
            await receiver.Acknowledge(deliveries, Cancel);
        }

        await Publish(transport, 2);
        await using var next = await transport.Receive(Orders, Cancel);

        Assert.Equal("2", (await Take(next, 1)).Single().Message.Id);
    }

    [Fact]
    public async Task Receivers_share_the_partitions_and_one_takes_over_the_messages_of_a_closed_one()
    {
        await using var transport = Transport();
        await Declare(transport);
        var first = await transport.Receive(Orders, Cancel);
        await using var second = await transport.Receive(Orders, Cancel);
        var seen = new HashSet<string>();
        for (var number = 0; number < 40; number++)
            await Publish(transport, number);
        await Take(first, 1, seen, acknowledge: false); // The receiver gets messages and does not acknowledge them.

        await first.DisposeAsync();
        while (seen.Count < 40)
            await Take(second, 1, seen);

        Assert.Equal(40, seen.Count);
    }

    [Fact]
    public async Task A_full_receiver_continues_with_all_its_partitions_after_a_rebalance()
    {
        await using var transport = Transport();
        await Declare(transport);
        for (var number = 0; number < 40; number++)
            await Publish(transport, number);
        var few = Orders with { Prefetch = 5 };
        using var log = new RecordedLog();
        await using var loggingTransport = Transport(
            static options => options.Settings["debug"] = "topic", new Logger<KafkaTransport>(log));
        await using var full = await loggingTransport.Receive(few, Cancel);
        var held = await Take(full, few.Prefetch);
        // Wait until the client is paused.
        await Eventually.Until(() => log.Contains("librdkafka (PAUSE)"), WaitTimeout);

        await using (var other = await transport.Receive(few, Cancel))
            await Take(other, 1);
        await full.Acknowledge(held, Cancel);
        var seen = held.Select(delivery => delivery.Message.Id).ToHashSet();
        while (seen.Count < 40)
            await Take(full, 1, seen);

        Assert.Equal(40, seen.Count);
    }

    [Fact]
    public async Task The_group_has_the_prefix_of_the_options()
    {
        await using var transport = Transport();
        await using var other = Transport(options => options.GroupPrefix = "test.");
        await Declare(transport);
        await Publish(transport, 1);
        await using var receiver = await transport.Receive(Orders, Cancel);
        await Take(receiver, 1);

        await using var otherGroup = await other.Receive(Orders, Cancel);

        Assert.Equal("1", (await Take(otherGroup, 1)).Single().Message.Id);
    }

    [Fact]
    public async Task A_broker_that_answers_late_is_reported()
    {
        using var late = new KafkaServer();
        await using var transport = new KafkaTransport(new KafkaOptions
        {
            Servers = late.Address,
            RequestTimeout = TimeSpan.FromMilliseconds(300),
            DeliveryTimeout = TimeSpan.FromMilliseconds(500),
        });
        late.AnswerAfter(TimeSpan.FromSeconds(3));

        await Assert.ThrowsAsync<TransportUnavailableException>(() => transport.Check(Cancel).AsTask());
        var outcome = await Publish(transport, 1);

        Assert.Equal(PublishResult.Unconfirmed, outcome.Result);
    }

    [Fact]
    public async Task A_setting_that_librdkafka_does_not_know_is_reported()
    {
        await using var transport = Transport(options => options.Settings["no.such.setting"] = "1");

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(() => transport.Check(Cancel).AsTask());

        Assert.Contains("no.such.setting", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Servers", "localhost")]
    [InlineData("Servers", "localhost:0")]
    [InlineData("Servers", "http://localhost:9092/")]
    [InlineData("Settings:acks", "1")]
    [InlineData("Settings:fetch.wait.max.ms", "1")]
    [InlineData("Settings:delivery.report.only.error", "true")] // The client would not report confirmed messages.
    public void Invalid_options_are_reported_by_name(string name, string value)
    {
        var options = new KafkaOptions
        {
            Partitions = -1,
            TakeOverAfter = TimeSpan.Zero,
            Linger = TimeSpan.FromDays(1),
            FetchWait = TimeSpan.Zero,
        };
        if (name == "Servers")
            options.Servers = value;
        else
            options.Settings[name["Settings:".Length..]] = value;

        var refused = Assert.Throws<OptionsValidationException>(() => new KafkaTransport(options));

        Assert.Contains(
            refused.Failures, problem => problem.StartsWith($"Millrace:Kafka:{name}: ", StringComparison.Ordinal));
        foreach (var other in new[] { "Partitions", "TakeOverAfter", "Linger", "DeliveryTimeout", "FetchWait" })
            Assert.Contains(
                refused.Failures, problem => problem.StartsWith($"Millrace:Kafka:{other}: ", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<Delivery>> Take(IReceiver receiver, int count)
    {
        using var limit = new CancellationTokenSource(WaitTimeout);
        var deliveries = new List<Delivery>();
        while (deliveries.Count < count)
            deliveries.AddRange(await receiver.Take(count - deliveries.Count, limit.Token));
        return deliveries;
    }

    private static async Task Take(IReceiver receiver, int count, HashSet<string> seen, bool acknowledge = true)
    {
        var deliveries = await Take(receiver, count);
        if (acknowledge)
        {
            seen.UnionWith(deliveries.Select(delivery => delivery.Message.Id));
            await receiver.Acknowledge(deliveries, Cancel);
        }
    }

    private KafkaTransport Transport(Action<KafkaOptions>? configure = null, ILogger<KafkaTransport>? logger = null)
    {
        var options = new KafkaOptions
        {
            Servers = fixture.Server.Address,
            CreatesTopics = false,
            TakeOverAfter = TimeSpan.FromSeconds(4),
            RequestTimeout = TimeSpan.FromSeconds(20),
            DeliveryTimeout = TimeSpan.FromSeconds(20),
        };
        configure?.Invoke(options);
        return new KafkaTransport(options, logger ?? NullLogger<KafkaTransport>.Instance);
    }

    private async Task Declare(KafkaTransport transport) =>
        await transport.Declare(new TransportTopology([_topic], [Orders]), Cancel);

    private async Task<PublishOutcome> Publish(KafkaTransport transport, int number) => (await transport.Publish(
        [
            new(_topic, new Message
            {
                Id = $"{number}", Type = "order.placed", Subject = $"order-{number}", Body = "{}"u8.ToArray(),
            }),
        ],
        Cancel)).Single();
}
