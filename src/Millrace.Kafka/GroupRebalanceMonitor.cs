using System.Runtime.ExceptionServices;
using Confluent.Kafka;

namespace Millrace.Kafka;

/// <summary>
/// Watches over the partitions that a group gives and takes. What goes wrong with them Confluent's client keeps until
/// it is asked for records; the receiver asks librdkafka itself, and would never hear of it.
/// </summary>
internal sealed class GroupRebalanceMonitor
{
    private int _given;
    private bool _hasNews;
    private ExceptionDispatchInfo? _failure;

    /// <summary>Partitions have come.</summary>
    public void PartitionsAssigned(int count) => (_given, _hasNews) = (_given + count, true);

    /// <summary>Partitions have gone.</summary>
    public void PartitionsRevoked(int count) => (_given, _hasNews) = (_given - count, true);

    /// <summary>Hears of partitions; what it fails with is thrown by <see cref="Require"/>, as here librdkafka is
    /// above.</summary>
    public void HandleRebalance(Action news)
    {
        try
        {
            news();
        }
#pragma warning disable CA1031 // Whatever it is, it is thrown by the thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure ??= ExceptionDispatchInfo.Capture(exception);
        }
    }

    /// <summary>Throws what went wrong, and where partitions are not there that should be, or others are.</summary>
    /// <param name="consumer">Who is to have them.</param>
    /// <param name="isQuiet">Whether nothing has come: then it is looked, whatever was heard.</param>
    public void Require<TKey, TValue>(IConsumer<TKey, TValue> consumer, bool isQuiet)
    {
        _failure?.Throw();
        if (!_hasNews && !isQuiet)
            return;
        _hasNews = false;
        if (consumer.Assignment.Count == _given)
            return;
        consumer.Consume(TimeSpan.Zero); // Throws what it keeps; a record that it has comes again over the next line.
        throw new KafkaException(new Error(ErrorCode.Local_State, "the partitions that the group gave were not taken"));
    }
}
