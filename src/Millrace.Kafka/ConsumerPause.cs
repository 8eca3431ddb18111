using Confluent.Kafka;

namespace Millrace.Kafka;

/// <summary>Pauses and resumes the partitions of a client. Used by one thread.</summary>
internal sealed class ConsumerPause(IConsumer<byte[], byte[]> consumer)
{
    private readonly HashSet<TopicPartition> _paused = [];
    private bool? _isPaused = false; // null if only some partitions are paused.

    /// <summary>Gets a value that indicates whether all partitions are paused.</summary>
    public bool IsComplete => _isPaused == true;

    /// <summary>
    /// Notes that the partitions changed. Those that were paused when they were revoked are still paused.
    /// </summary>
    public void PartitionsChanged() => _isPaused = null;

    /// <summary>
    /// Pauses or resumes only the partitions whose state changes: resuming a partition that is not paused would drop
    /// its fetched records. A partition that was paused when it was revoked is still paused when it is assigned again.
    /// </summary>
    public void Set(bool isPaused)
    {
        if (_isPaused == isPaused)
            return;
        var changed = consumer.Assignment.FindAll(one => _paused.Contains(one) != isPaused);
        if (isPaused)
        {
            consumer.Pause(changed);
            _paused.UnionWith(changed);
        }
        else
        {
            consumer.Resume(changed);
            _paused.ExceptWith(changed);
        }
        _isPaused = isPaused;
    }
}
