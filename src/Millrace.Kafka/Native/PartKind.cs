namespace Millrace.Kafka.Native;

/// <summary>The kind of a part of a record, with the numbers that librdkafka uses.</summary>
internal enum PartKind
{
    Topic = 1,
    Partition = 3,
    Value = 4,
    Key = 5,
    Opaque = 6,
    Flags = 7,
    Header = 9,
}
