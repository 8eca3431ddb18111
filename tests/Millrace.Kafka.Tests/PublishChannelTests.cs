using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Kafka.Native;

namespace Millrace.Kafka.Tests;

/// <summary>
/// Tests of the outcomes of a publish call when a message, the client, the broker or the caller fails.
/// </summary>
public sealed class PublishChannelTests
{
    private const short InitProducerId = 22;
    private const int ClusterAuthorizationFailed = 31;

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_record_that_is_refused_fails_only_itself()
    {
        using var server = new KafkaServer();
        await using var transport = Transport(server, options => options.MaxBodyBytes = 2_000);
        var longHeader = new Dictionary<string, string> { ["x-long"] = new('x', 60_000) };
        OutgoingMessage[] messages =
        [
            CreateMessage(1), new("orders", CreateMessage(2).Message with { Body = new byte[2_001] }), CreateMessage(3),
            new("orders", CreateMessage(4).Message with { Headers = longHeader }), CreateMessage(5),
            new(new string('x', 600), CreateMessage(6).Message), // The client refuses a topic name of this length.
            CreateMessage(7),
        ];

        var outcomes = await transport.Publish(messages, Cancel);

        Assert.Equal(
            [
                PublishResult.Confirmed,
                PublishResult.Refused,
                PublishResult.Confirmed,
                PublishResult.Refused,
                PublishResult.Confirmed,
                PublishResult.Unconfirmed,
                PublishResult.Confirmed,
            ],
            outcomes.Select(outcome => outcome.Result));
        Assert.Contains("Local_InvalidArg", outcomes[5].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_wait_while_the_client_queue_is_full()
    {
        using var server = new KafkaServer();
        await using var transport = Transport(
            server, options => options.Settings["queue.buffering.max.messages"] = "10");

        var calls = await Task.WhenAll(Publish(transport, 150), Publish(transport, 150));

        Assert.All(calls.SelectMany(outcomes => outcomes), outcome => Assert.Equal(PublishOutcome.Confirmed, outcome));
    }

    [Fact]
    public async Task A_message_that_waits_for_the_full_queue_until_its_timeout_is_unconfirmed()
    {
        using var server = new KafkaServer();
        await using var transport = Transport(server, options =>
        {
            options.Settings["queue.buffering.max.messages"] = "10";
            options.DeliveryTimeout = TimeSpan.FromSeconds(1);
        });
        await Publish(transport, 1); // Connects the client.
        server.AnswerAfter(TimeSpan.FromSeconds(30));

        var outcomes = await Publish(transport, 30).WaitAsync(WaitTimeout);

        Assert.All(outcomes, outcome => Assert.Equal(PublishResult.Unconfirmed, outcome.Result));
    }

    [Fact]
    public async Task Messages_in_flight_are_unconfirmed_when_the_transport_closes()
    {
        using var server = new KafkaServer();
        var transport = Transport(server);
        await Publish(transport, 1);
        server.AnswerAfter(TimeSpan.FromSeconds(30));
        var publishing = Publish(transport, 500);

        var started = Stopwatch.GetTimestamp();
        await transport.DisposeAsync();

        var outcomes = await publishing.WaitAsync(WaitTimeout);
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        Assert.All(
            outcomes, outcome => Assert.Equal(PublishOutcome.Unconfirmed("the connection was closed."), outcome));
    }

    [Fact]
    public async Task A_channel_can_be_disposed_more_than_once()
    {
        using var server = new KafkaServer();
        var channel = PublishChannel.Open(new KafkaOptions { Servers = server.Address }, NullLogger.Instance);

        await Task.WhenAll(
                Task.Run(() => channel.DisposeAsync().AsTask()), Task.Run(() => channel.DisposeAsync().AsTask()))
            .WaitAsync(WaitTimeout);
        await channel.DisposeAsync(); // A second release of the client handle would crash the process.

        Assert.False(channel.IsOpen);
    }

    [Fact]
    public async Task A_cancelled_publish_returns_and_the_next_call_succeeds()
    {
        using var server = new KafkaServer();
        await using var transport = Transport(server);
        await Publish(transport, 1);
        server.AnswerAfter(TimeSpan.FromSeconds(30));
        using var limit = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Publish(transport, 100, limit.Token).WaitAsync(WaitTimeout));
        server.AnswerAfter(TimeSpan.Zero);
        var outcomes = await Publish(transport, 100).WaitAsync(WaitTimeout);

        Assert.All(outcomes, outcome => Assert.Equal(PublishOutcome.Confirmed, outcome));
    }

    [Fact]
    public async Task After_a_fatal_client_error_the_next_call_uses_a_new_client()
    {
        using var server = new KafkaServer();
        await using var transport = Transport(server);
        server.Fail(InitProducerId, ClusterAuthorizationFailed);

        var problems = await ProblemsOf(Publish(transport, 3));
        var outcomes = await Publish(transport, 3).WaitAsync(WaitTimeout);

        Assert.All(
            problems, problem => Assert.Contains("ClusterAuthorizationFailed", problem, StringComparison.Ordinal));
        Assert.All(outcomes, outcome => Assert.Equal(PublishOutcome.Confirmed, outcome));
    }

    [Fact]
    public async Task A_client_with_a_fatal_error_before_its_first_message_reports_the_error()
    {
        using var server = new KafkaServer();
        server.Fail(InitProducerId, ClusterAuthorizationFailed);
        var ended = new TaskCompletionSource();
        using var producer = new NativeProducer(
            ClientSettings.Producer(OptionsOf(server)),
            new(static _ => { }, _ => ended.TrySetResult(), static _ => { }));
        await ended.Task.WaitAsync(WaitTimeout);
        var record = new RecordWriter();

        var error = producer.Produce(record, RecordConverter.Write(CreateMessage(1), record).Span, 1);

        Assert.Equal((true, ErrorCode.ClusterAuthorizationFailed), (error?.IsFatal, error?.Code));
    }

    [Theory]
    [InlineData("no.such.setting", "1")]
    [InlineData("queue.buffering.max.messages", "many")]
    [InlineData("security.protocol", "sasl_plaintext")] // The client cannot be created without credentials.
    public async Task A_setting_that_the_client_refuses_is_reported(string name, string value)
    {
        using var server = new KafkaServer();
        await using var transport = Transport(server, options =>
        {
            options.Settings[name] = value;
            if (value == "sasl_plaintext")
                options.Settings["sasl.mechanism"] = "PLAIN";
        });

        var refused = await Assert.ThrowsAsync<TransportRefusedException>(() => Publish(transport, 1));

        Assert.Contains(
            name == "security.protocol" ? "sasl.username" : name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_messages_are_logged_and_a_failing_logger_has_no_effect()
    {
        using var server = new KafkaServer();
        var logger = new FailingLogger();
        var options = new KafkaOptions { Servers = server.Address, CreatesTopics = false };
        options.Settings["debug"] = "broker";
        await using var transport = new KafkaTransport(options, logger);

        var outcomes = await Publish(transport, 3);

        Assert.All(outcomes, outcome => Assert.Equal(PublishOutcome.Confirmed, outcome));
        Assert.Contains("librdkafka (", logger.Last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Message_numbers_continue_at_zero_after_the_largest_number()
    {
        var batch = new PublishBatch(uint.MaxValue - 1, 3);

        Assert.Equal([uint.MaxValue - 1, uint.MaxValue, 0], Enumerable.Range(0, 3).Select(batch.NumberOf));
        Assert.False(batch.Has(uint.MaxValue - 2));
        Assert.False(batch.Has(1));
        batch.Settle(0, PublishOutcome.Refused("no"));
        batch.Settle(uint.MaxValue, PublishOutcome.Confirmed);
        batch.Settle(uint.MaxValue - 1, PublishOutcome.Confirmed);

        Assert.Equal(
            [PublishOutcome.Confirmed, PublishOutcome.Confirmed, PublishOutcome.Refused("no")],
            await batch.Done);
    }

    private static KafkaOptions OptionsOf(KafkaServer server) =>
        new() { Servers = server.Address, CreatesTopics = false, DeliveryTimeout = TimeSpan.FromSeconds(20) };

    private static KafkaTransport Transport(KafkaServer server, Action<KafkaOptions>? configure = null)
    {
        var options = OptionsOf(server);
        configure?.Invoke(options);
        return new KafkaTransport(options);
    }

    private static async Task<IReadOnlyList<PublishOutcome>> Publish(
        KafkaTransport transport, int count, CancellationToken cancellationToken = default) =>
        await transport.Publish([.. Enumerable.Range(0, count).Select(CreateMessage)], cancellationToken);

    /// <summary>
    /// Returns the reasons why the messages are not confirmed. The client may report the error before it gets a
    /// message.
    /// </summary>
    private static async Task<IReadOnlyList<string>> ProblemsOf(Task<IReadOnlyList<PublishOutcome>> publishing)
    {
        try
        {
            var outcomes = await publishing.WaitAsync(WaitTimeout);
            Assert.All(outcomes, outcome => Assert.Equal(PublishResult.Unconfirmed, outcome.Result));
            return [.. outcomes.Select(outcome => outcome.Problem!)];
        }
        catch (TransportUnavailableException unavailable)
        {
            return [unavailable.Message];
        }
    }

    private static OutgoingMessage CreateMessage(int number) =>
        new(
            "orders",
            new Message
            {
                Id = $"{number}",
                Type = "order.placed",
                Subject = $"order-{number}",
                Body = "{}"u8.ToArray(),
            }
        );

    private sealed class FailingLogger : ILogger<KafkaTransport>
    {
        private string _last = "";

        public string Last => Volatile.Read(ref _last);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            Volatile.Write(ref _last, formatter(state, exception));
            throw new InvalidOperationException("The disk of the logs is full.");
        }
    }
}
