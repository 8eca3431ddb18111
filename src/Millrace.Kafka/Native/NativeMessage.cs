using System.Runtime.InteropServices;

namespace Millrace.Kafka.Native;

/// <summary>A record that librdkafka brings, or says that it is done with: its <c>rd_kafka_message_t</c>.</summary>
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

    /// <summary>Of one that it is done with: what was given with the record.</summary>
    public readonly nint Number;
}
