using Millrace.Messaging;

namespace Millrace.Tests.Receiving;

/// <summary>
/// A broker that keeps messages in partitions and assigns each partition to one node. A node that gets a partition
/// starts with the first message that is not acknowledged, whatever another node is handling. So messages are
/// redelivered, in another order across partitions.
/// </summary>
internal sealed class SimulatedBroker
{
    private readonly Partition[] _partitions;

    public SimulatedBroker(int partitions) =>
        _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new Partition())];

    public int Partitions => _partitions.Length;

    /// <summary>True when every message is acknowledged.</summary>
    public bool IsEmpty =>
        Array.TrueForAll(_partitions, partition => partition.Acknowledged == partition.Messages.Count);

    public void Publish(int partition, Message message) => _partitions[partition].Messages.Add(message);

    /// <summary>Publishes the last messages of a partition again, like a publisher that does not know whether they
    /// arrived.</summary>
    public void Repeat(int partition, int count)
    {
        var messages = _partitions[partition].Messages;
        messages.AddRange(messages.GetRange(Math.Max(0, messages.Count - count), Math.Min(count, messages.Count)));
    }

    /// <summary>Assigns a partition to a node, or to none.</summary>
    public void Assign(int partition, ReceivingNode? node)
    {
        var one = _partitions[partition];
        (one.Owner, one.Next) = (node, one.Acknowledged);
        one.Done.Clear();
    }

    /// <summary>Takes all partitions from a node that died or lost its connection.</summary>
    public void Leave(ReceivingNode node)
    {
        for (var i = 0; i < _partitions.Length; i++)
        {
            if (_partitions[i].Owner == node)
                Assign(i, null);
        }
    }

    /// <summary>Returns the next messages of a partition for its node; null when there are none.</summary>
    public (ReceivingNode Node, IReadOnlyList<SimulatedDelivery> Deliveries)? Next(int partition, int most)
    {
        var one = _partitions[partition];
        if (one.Owner is not { } node || one.Next == one.Messages.Count)
            return null;
        var count = Math.Min(most, one.Messages.Count - one.Next);
        var deliveries = Enumerable
            .Range(one.Next, count)
            .Select(offset => new SimulatedDelivery(one.Messages[offset], partition, offset)
            {
                MayBeRepeated = offset < one.Delivered,
            })
            .ToList();
        one.Next += count;
        one.Delivered = Math.Max(one.Delivered, one.Next);
        return (node, deliveries);
    }

    /// <summary>Acknowledges a message; ignored for a partition that the node no longer has.</summary>
    public void Acknowledge(ReceivingNode node, SimulatedDelivery delivery)
    {
        var one = _partitions[delivery.Partition];
        if (one.Owner != node || delivery.Offset < one.Acknowledged)
            return;
        one.Done.Add(delivery.Offset);
        while (one.Done.Remove(one.Acknowledged))
            one.Acknowledged++;
    }

    private sealed class Partition
    {
        public List<Message> Messages { get; } = [];

        /// <summary>The acknowledged messages beyond <see cref="Acknowledged"/>.</summary>
        public HashSet<int> Done { get; } = [];

        public ReceivingNode? Owner { get; set; }

        /// <summary>The number of consecutively acknowledged messages.</summary>
        public int Acknowledged { get; set; }

        /// <summary>The next message for its node.</summary>
        public int Next { get; set; }

        /// <summary>The number of delivered messages.</summary>
        public int Delivered { get; set; }
    }
}
