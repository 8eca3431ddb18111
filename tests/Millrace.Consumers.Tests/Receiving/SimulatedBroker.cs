using Millrace.Messaging;

namespace Millrace.Tests.Receiving;

/// <summary>
/// A broker that stores messages in partitions and assigns each partition to one node. A new owner of a partition
/// starts with the first message that is not acknowledged, even if another node is handling it. So messages are
/// redelivered, in another order across partitions.
/// </summary>
internal sealed class SimulatedBroker
{
    private readonly Partition[] _partitions;

    public SimulatedBroker(int partitions) =>
        _partitions = [.. Enumerable.Range(0, partitions).Select(_ => new Partition())];

    public int Partitions => _partitions.Length;

    /// <summary>Gets whether every message is acknowledged.</summary>
    public bool IsEmpty =>
        Array.TrueForAll(_partitions, partition => partition.Acknowledged == partition.Messages.Count);

    public void Publish(int partition, Message message) => _partitions[partition].Messages.Add(message);

    /// <summary>
    /// Publishes the last messages of a partition again, like a publisher that does not know whether the messages
    /// arrived.
    /// </summary>
    public void Repeat(int partition, int count)
    {
        var messages = _partitions[partition].Messages;
        messages.AddRange(messages.GetRange(Math.Max(0, messages.Count - count), Math.Min(count, messages.Count)));
    }

    /// <summary>Assigns a partition to a node, or to no node when it is null.</summary>
    public void Assign(int partition, ReceivingNode? node)
    {
        var selected = _partitions[partition];
        (selected.Owner, selected.Next) = (node, selected.Acknowledged);
        selected.Done.Clear();
    }

    /// <summary>Removes all partitions from a node that died or lost its connection.</summary>
    public void Leave(ReceivingNode node)
    {
        for (var i = 0; i < _partitions.Length; i++)
        {
            if (_partitions[i].Owner == node)
                Assign(i, null);
        }
    }

    /// <summary>
    /// Returns the next messages of a partition for its node, or null when there are no such messages.
    /// </summary>
    public (ReceivingNode Node, IReadOnlyList<SimulatedDelivery> Deliveries)? Next(int partition, int maxCount)
    {
        var selected = _partitions[partition];
        if (selected.Owner is not { } node || selected.Next == selected.Messages.Count)
            return null;
        var count = Math.Min(maxCount, selected.Messages.Count - selected.Next);
        var deliveries = Enumerable
            .Range(selected.Next, count)
            .Select(offset => new SimulatedDelivery(selected.Messages[offset], partition, offset)
            {
                MayBeRepeated = offset < selected.Delivered,
            })
            .ToList();
        selected.Next += count;
        selected.Delivered = Math.Max(selected.Delivered, selected.Next);
        return (node, deliveries);
    }

    /// <summary>Acknowledges a message. Ignored when the node no longer owns the partition.</summary>
    public void Acknowledge(ReceivingNode node, SimulatedDelivery delivery)
    {
        var selected = _partitions[delivery.Partition];
        if (selected.Owner != node || delivery.Offset < selected.Acknowledged)
            return;
        selected.Done.Add(delivery.Offset);
        while (selected.Done.Remove(selected.Acknowledged))
            selected.Acknowledged++;
    }

    private sealed class Partition
    {
        public List<Message> Messages { get; } = [];

        /// <summary>Gets the acknowledged messages after <see cref="Acknowledged"/>.</summary>
        public HashSet<int> Done { get; } = [];

        public ReceivingNode? Owner { get; set; }

        /// <summary>Gets or sets the number of consecutively acknowledged messages.</summary>
        public int Acknowledged { get; set; }

        /// <summary>Gets or sets the offset of the next message for the owner.</summary>
        public int Next { get; set; }

        /// <summary>Gets or sets the number of delivered messages.</summary>
        public int Delivered { get; set; }
    }
}
