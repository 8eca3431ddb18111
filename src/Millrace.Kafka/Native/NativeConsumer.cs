using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>
/// Asks librdkafka for records, by the client that Confluent's consumer has made: that calls its handlers as ever, but
/// makes no object for a record and each of its headers. For one thread but where it is said, and to be disposed before
/// the consumer is closed.
/// </summary>
internal sealed unsafe class NativeConsumer : IDisposable
{
    private readonly nint _handle;
    private readonly NativeQueue _queue;

    /// <exception cref="InvalidOperationException">This version of Confluent's client does not say which client it has
    /// made.</exception>
    /// <exception cref="TypeInitializationException">The library that has made it is not found.</exception>
    public NativeConsumer(IClient consumer)
    {
        // Here, where it is told, and not by the thread.
        RuntimeHelpers.RunClassConstructor(typeof(Librdkafka).TypeHandle);
        try
        {
            _handle = ((SafeHandle)HandleOf(consumer.Handle)).DangerousGetHandle();
        }
        catch (Exception exception)
            when (exception is MissingMethodException or TypeLoadException or InvalidCastException)
        {
            throw new InvalidOperationException(
                $"Confluent.Kafka {typeof(IClient).Assembly.GetName().Version} is not one that receiving knows: use "
                    + $"1.9 or 2.",
                exception);
        }
        _queue = new NativeQueue(Librdkafka.ConsumerQueueOf(_handle));
    }

    /// <summary>Takes the next record, and waits for it so long. What was taken must be given back.</summary>
    public NativeRecord Take(TimeSpan wait) => new(Librdkafka.ConsumerPoll(_handle, (int)wait.TotalMilliseconds));

    /// <summary>Ends a wait for a record, or the next one. By any thread, and at any time.</summary>
    public void Wake() => _queue.Wake();

    /// <summary>Nothing is taken any more.</summary>
    public void Dispose() => _queue.Dispose();

    /// <summary>What came instead of a record: that which ended the client, where something did.</summary>
    public Error ErrorOf(in NativeRecord record)
    {
        if (Librdkafka.FindFatal(_handle) is { } fatal)
            return fatal;
        var text = record.Value; // What would be the body says what is wrong.
        return text.IsEmpty ? new Error(record.Error) : new Error(record.Error, Encoding.UTF8.GetString(text));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    private static extern object HandleOf(Handle handle);
}
