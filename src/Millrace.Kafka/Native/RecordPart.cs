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
    public PointerValues Pointers;

    /// <summary>Pointers and sizes, such as those of a topic name, or of the name and value of a header.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PointerValues
    {
        public nint First;
        public nint Second;
        public nint Third;
    }
}
