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
    private int _given;
    private bool _hasNews;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Adds assigned partitions.</summary>
    public void PartitionsAssigned(int count)
    {
        _given += count;
        _hasNews = true;
    }

    /// <summary>Removes revoked partitions.</summary>
    public void PartitionsRevoked(int count)
    {
        _given -= count;
        _hasNews = true;
    }

    /// <summary>
    /// Runs a handler of a rebalance. <see cref="Require"/> throws its error later, because the caller here is
    /// librdkafka.
    /// </summary>
    public void HandleRebalance(Action news)
    {
        try
        {
            news();
        }
#pragma warning disable CA1031 // Every error is rethrown by the thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }
    }

    /// <summary>
    /// Throws a recorded error, or an error if the assigned partitions differ from the expected ones.
    /// </summary>
    /// <param name="consumer">The consumer.</param>
    /// <param name="isQuiet">True if no record arrived. The partitions are then always checked.</param>
    public void Require<TKey, TValue>(IConsumer<TKey, TValue> consumer, bool isQuiet)
    {
        _failure?.Throw();
        if (!_hasNews && !isQuiet)
            return;
        _hasNews = false;
        if (consumer.Assignment.Count == _given)
            return;
        consumer.Consume(TimeSpan.Zero); // Throws a kept error; a record is delivered again over the next connection.
        throw new KafkaException(new Error(ErrorCode.Local_State, "the partitions that the group gave were not taken"));
    }
}
