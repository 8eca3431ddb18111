using Confluent.Kafka;

namespace Millrace.Kafka.Tests;

/// <summary>
/// Tests of errors during the assignment of partitions. Confluent's client does not throw them from its rebalance
/// handlers.
/// </summary>
public sealed class GroupRebalanceMonitorTests : IDisposable
{
    private readonly GroupRebalanceMonitor _group = new();
    private readonly IConsumer<byte[], byte[]> _consumer = new ConsumerBuilder<byte[], byte[]>(
        new ConsumerConfig { GroupId = "watched", BootstrapServers = "127.0.0.1:1" })
        .SetLogHandler((_, _) => { }).Build();

    [Fact]
    public void A_consumer_with_all_assigned_partitions_causes_no_error()
    {
        _group.PartitionsAssigned(2);
        _group.PartitionsRevoked(2);
        _group.ThrowIfFailed(_consumer, isQuiet: false);

        _consumer.Assign([new TopicPartition("a", 0), new TopicPartition("a", 1)]);
        _group.PartitionsAssigned(2);
        _group.ThrowIfFailed(_consumer, isQuiet: true);
    }

    [Fact]
    public void A_missing_assigned_partition_causes_an_error()
    {
        _group.PartitionsAssigned(2);

        var exception = Assert.Throws<KafkaException>(() => _group.ThrowIfFailed(_consumer, isQuiet: false));

        Assert.Equal(ErrorCode.Local_State, exception.Error.Code);
    }

    [Fact]
    public void A_partition_lost_without_a_revocation_is_detected_when_no_records_arrive()
    {
        _consumer.Assign(new TopicPartition("a", 0));
        _group.PartitionsAssigned(1);
        _group.ThrowIfFailed(_consumer, isQuiet: false);

        _consumer.Unassign();

        _group.ThrowIfFailed(_consumer, isQuiet: false); // The assignment is not checked after every record.
        Assert.Throws<KafkaException>(() => _group.ThrowIfFailed(_consumer, isQuiet: true));
    }

    [Fact]
    public void The_exception_of_a_rebalance_handler_is_rethrown()
    {
        var cause = new InvalidOperationException("the disk is gone");
        _group.HandleRebalance(() => throw cause);

        var thrown = Assert.Throws<InvalidOperationException>(() => _group.ThrowIfFailed(_consumer, isQuiet: false));

        Assert.Same(cause, thrown);
    }

    public void Dispose() => _consumer.Dispose();
}
