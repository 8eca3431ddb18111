using System.Runtime.InteropServices;

namespace Millrace.Kafka.Native;

/// <summary>A part of a record as librdkafka takes it: its <c>rd_kafka_vu_t</c>, which has the same places on all
/// systems.</summary>
[StructLayout(LayoutKind.Explicit, Size = 72)]
internal struct RecordPart
{
    [FieldOffset(0)]
    public PartKind Kind;

    /// <summary>Where that is a number.</summary>
    [FieldOffset(8)]
    public int Number;

    [FieldOffset(8)]
    public Places At;

    /// <summary>Of a topic where its name is; of a header where its name and its value are; of the others where they
    /// are.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Places
    {
        public nint First;
        public nint Second;
        public nint Third;
    }
}
