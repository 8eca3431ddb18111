using System.Runtime.ExceptionServices;
using Confluent.Kafka;

namespace Millrace.Kafka;

/// <summary>
/// Monitors the partitions that a group assigns and revokes. Confluent's client keeps the errors of its handlers, and
/// throws them when the application polls it for records. The receiver polls librdkafka directly, and would never get
/// these errors.
/// </summary>
internal sealed class GroupRebalanceMonitor
{
    private int _assignedCount;
    private bool _hasChanged;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Adds assigned partitions.</summary>
    public void PartitionsAssigned(int count)
    {
        _assignedCount += count;
        _hasChanged = true;
    }

    /// <summary>Removes revoked partitions.</summary>
    public void PartitionsRevoked(int count)
    {
        _assignedCount -= count;
        _hasChanged = true;
    }

    /// <summary>
    /// Runs a handler of a rebalance. <see cref="ThrowIfFailed"/> throws its error later, because the caller here is
    /// librdkafka.
    /// </summary>
    public void HandleRebalance(Action handleChange)
    {
        try
        {
            handleChange();
        }
#pragma warning disable CA1031 // Every error is rethrown by the thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }
    }

    /// <summary>
    /// Throws the error of a handler, or an error if the consumer does not have the partitions that the group assigned.
    /// </summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="isQuiet">True if no record arrived. The partitions are then always checked.</param>
    public void ThrowIfFailed<TKey, TValue>(IConsumer<TKey, TValue> consumer, bool isQuiet)
    {
        _failure?.Throw();
        if (!_hasChanged && !isQuiet)
            return;
        _hasChanged = false;
        if (consumer.Assignment.Count == _assignedCount)
            return;
        consumer.Consume(TimeSpan.Zero); // Throws an error that the client kept. A record is delivered again later.
        throw new KafkaException(
            new Error(ErrorCode.Local_State, "the client did not take the partitions that the group assigned"));
    }
}
