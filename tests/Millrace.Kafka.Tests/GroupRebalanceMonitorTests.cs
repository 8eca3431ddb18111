using Confluent.Kafka;

namespace Millrace.Kafka.Tests;

/// <summary>What goes wrong when a group gives partitions, which Confluent's client keeps until it
/// is asked for records.</summary>
public sealed class GroupRebalanceMonitorTests : IDisposable
{
    private readonly GroupRebalanceMonitor _group = new();
    private readonly IConsumer<byte[], byte[]> _consumer = new ConsumerBuilder<byte[], byte[]>(
        new ConsumerConfig { GroupId = "watched", BootstrapServers = "127.0.0.1:1" })
        .SetLogHandler((_, _) => { }).Build();

    [Fact]
    public void Nothing_is_wrong_where_as_many_are_there_as_were_given()
    {
        _group.PartitionsAssigned(2);
        _group.PartitionsRevoked(2);
        _group.Require(_consumer, isQuiet: false);

        _consumer.Assign([new TopicPartition("a", 0), new TopicPartition("a", 1)]);
        _group.PartitionsAssigned(2);
        _group.Require(_consumer, isQuiet: true);
    }

    [Fact]
    public void What_was_given_and_is_not_there_ends_the_line()
    {
        _group.PartitionsAssigned(2);

        var exception = Assert.Throws<KafkaException>(() => _group.Require(_consumer, isQuiet: false));

        Assert.Equal(ErrorCode.Local_State, exception.Error.Code);
    }

    [Fact]
    public void What_is_lost_without_a_word_is_noticed_when_nothing_comes()
    {
        _consumer.Assign(new TopicPartition("a", 0));
        _group.PartitionsAssigned(1);
        _group.Require(_consumer, isQuiet: false);

        _consumer.Unassign();

        _group.Require(_consumer, isQuiet: false); // Not looked at with every record.
        Assert.Throws<KafkaException>(() => _group.Require(_consumer, isQuiet: true));
    }

    [Fact]
    public void What_a_handler_fails_with_is_thrown_by_the_thread()
    {
        var cause = new InvalidOperationException("the disk is gone");
        _group.HandleRebalance(() => throw cause);

        var thrown = Assert.Throws<InvalidOperationException>(() => _group.Require(_consumer, isQuiet: false));

        Assert.Same(cause, thrown);
    }

    public void Dispose() => _consumer.Dispose();
}
