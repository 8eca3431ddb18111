using System.Runtime.InteropServices;

namespace Millrace.Kafka.Native;

/// <summary>
/// A part of a record for librdkafka: its <c>rd_kafka_vu_t</c>, which has the same layout on all systems.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct RecordPart
{
    [FieldOffset(0)]
    public PartKind Kind;

    /// <summary>The value if it is a number.</summary>
    [FieldOffset(8)]
    public int Number;

    [FieldOffset(8)]
    public Places At;

    /// <summary>The pointers: to the name of a topic, to the name and value of a header, or to other values.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Places
    {
        public nint First;
        public nint Second;
        public nint Third;
    }
}
