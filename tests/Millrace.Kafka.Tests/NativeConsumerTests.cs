using System.Diagnostics;
using Confluent.Kafka;
using Millrace.Kafka.Native;

namespace Millrace.Kafka.Tests;

public sealed class NativeConsumerTests
{
    private static readonly TimeSpan LongTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShortTimeout = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Waking_the_consumer_ends_a_wait_for_records()
    {
        using var server = new KafkaServer();
        using var client = Client(server);
        using var consumer = new NativeConsumer(client);
        var waitStarts = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Task.Factory.StartNew(
            () =>
            {
                waitStarts.SetResult();
                return TakesNone(consumer);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await waitStarts.Task;
        try
        {
            consumer.Wake();

            Assert.True(await waiting.WaitAsync(ShortTimeout));
        }
        finally
        {
            await waiting; // The client must not be disposed before the wait ends.
        }
    }

    [Fact]
    public void A_wait_that_starts_after_the_wake_up_ends_immediately()
    {
        using var server = new KafkaServer();
        using var client = Client(server);
        using var consumer = new NativeConsumer(client);
        var started = Stopwatch.GetTimestamp();

        consumer.Wake();

        Assert.True(TakesNone(consumer));
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, ShortTimeout);
    }

    [Fact]
    public void Waking_a_disposed_consumer_has_no_effect()
    {
        using var server = new KafkaServer();
        using var client = Client(server);
        var consumer = new NativeConsumer(client);

        consumer.Dispose();
        consumer.Dispose();

        consumer.Wake();
    }

    private static bool TakesNone(NativeConsumer consumer)
    {
        using var record = consumer.Take(LongTimeout);
        return record.IsNone;
    }

    private static IConsumer<byte[], byte[]> Client(KafkaServer server) => new ConsumerBuilder<byte[], byte[]>(
        new ConsumerConfig { BootstrapServers = server.Address, GroupId = "nobody" }).Build();
}
