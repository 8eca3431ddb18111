using System.Runtime.InteropServices;

namespace Millrace.Kafka.Native;

/// <summary>A record or a delivery report of librdkafka: its <c>rd_kafka_message_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly struct NativeMessage
{
    public readonly int Error;
    public readonly nint Topic;
    public readonly int Partition;
    public readonly nint Value;
    public readonly nuint ValueBytes;
    public readonly nint Key;
    public readonly nuint KeyBytes;
    public readonly long Offset;

    /// <summary>In a delivery report, the number that was given with the record.</summary>
    public readonly nint Number;
}
