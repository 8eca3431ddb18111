using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Millrace.Kafka.Native;

/// <summary>
/// Asks librdkafka for records, by the client that Confluent's consumer has made: that calls its handlers as ever, but makes no object for
/// a record and each of its headers. For one thread, and no longer than the consumer.
/// </summary>
internal sealed unsafe class NativeConsumer
{
    private readonly nint _handle;

    /// <exception cref="InvalidOperationException">This version of Confluent's client does not say which client it has made.</exception>
    public NativeConsumer(IClient consumer)
    {
        try
        {
            _handle = ((SafeHandle)HandleOf(consumer.Handle)).DangerousGetHandle();
        }
        catch (Exception exception) when (exception is MissingMethodException or TypeLoadException or InvalidCastException)
        {
            throw new InvalidOperationException(
                $"Confluent.Kafka {typeof(IClient).Assembly.GetName().Version} is not one that receiving knows: use 1.9 or 2.", exception);
        }
    }

    /// <summary>Takes the next record, and waits for it so long. What was taken must be given back.</summary>
    public NativeRecord Take(TimeSpan wait) => new(Librdkafka.ConsumerPoll(_handle, (int)wait.TotalMilliseconds));

    /// <summary>What went wrong: that which ended the client, where something did.</summary>
    public Error ErrorOf(ErrorCode code) => Librdkafka.FindFatal(_handle) ?? new Error(code);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_LibrdkafkaHandle")]
    [return: UnsafeAccessorType("Confluent.Kafka.Impl.SafeKafkaHandle, Confluent.Kafka")]
    private static extern object HandleOf(Handle handle);
}
