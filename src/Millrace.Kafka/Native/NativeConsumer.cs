using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>
/// Reads records directly from librdkafka, with the client that Confluent's consumer created. The handlers of the
/// consumer are called as usual, but no objects are allocated for a record and its headers. For one thread, unless
/// stated otherwise. It must be disposed before the consumer is closed.
/// </summary>
internal sealed unsafe class NativeConsumer : IDisposable
{
    private readonly nint _handle;
    private readonly NativeQueue _queue;

    /// <exception cref="InvalidOperationException">This version of Confluent's client does not expose its native
    /// client.</exception>
    /// <exception cref="TypeInitializationException">The loaded library is not found.</exception>
    public NativeConsumer(IClient consumer)
    {
        // Loads the library here, where the caller gets an error, and not on the thread of the receiver.
        RuntimeHelpers.RunClassConstructor(typeof(Librdkafka).TypeHandle);
        try
        {
            _handle = ((SafeHandle)HandleOf(consumer.Handle)).DangerousGetHandle();
        }
        catch (Exception exception)
            when (exception is MissingMethodException or TypeLoadException or InvalidCastException)
        {
            throw new InvalidOperationException(
                $"Confluent.Kafka {typeof(IClient).Assembly.GetName().Version} is not supported for receiving: use "
                    + "1.9 or 2.",
                exception);
        }
        _queue = new NativeQueue(Librdkafka.ConsumerQueueOf(_handle));
    }

    /// <summary>Takes the next record, waiting for it. The record must be disposed.</summary>
    public NativeRecord Take(TimeSpan wait) => new(Librdkafka.ConsumerPoll(_handle, (int)wait.TotalMilliseconds));

    /// <summary>Ends a wait for a record, or the next one. Safe to call from any thread at any time.</summary>
    public void Wake() => _queue.Wake();

    /// <summary>Stops reading.</summary>
    public void Dispose() => _queue.Dispose();

    /// <summary>Returns the error that came instead of a record, or the fatal error of the client.</summary>
    public Error ErrorOf(in NativeRecord record)
    {
        if (Librdkafka.FindFatal(_handle) is { } fatal)
            return fatal;
        var text = record.Value; // The body contains the error text.
        return text.IsEmpty ? new Error(record.Error) : new Error(record.Error, Encoding.UTF8.GetString(text));
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    private static extern object HandleOf(Handle handle);
}
