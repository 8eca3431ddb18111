using System.Diagnostics;
using Confluent.Kafka;
using Millrace.Kafka.Native;

namespace Millrace.Kafka.Tests;

public sealed class NativeConsumerTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Short = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_wait_for_records_is_ended_by_who_wakes_it()
    {
        using var server = new KafkaServer();
        using var client = Client(server);
        using var consumer = new NativeConsumer(client);
        var begins = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = Task.Factory.StartNew(
            () =>
            {
                begins.SetResult();
                return TakesNone(consumer);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        await begins.Task;
        try
        {
            consumer.Wake();

            Assert.True(await waiting.WaitAsync(Short));
        }
        finally
        {
            await waiting; // The client must not end before.
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
        Assert.InRange(Stopwatch.GetElapsedTime(started), TimeSpan.Zero, Short);
    }

    [Fact]
    public void Who_wakes_a_consumer_that_has_ended_does_nothing()
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
        using var record = consumer.Take(Long);
        return record.IsNone;
    }

    private static IConsumer<byte[], byte[]> Client(KafkaServer server) => new ConsumerBuilder<byte[], byte[]>(
        new ConsumerConfig { BootstrapServers = server.Address, GroupId = "nobody" }).Build();
}
