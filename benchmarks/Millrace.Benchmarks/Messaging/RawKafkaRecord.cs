using System.Text;
using Confluent.Kafka;
using Millrace.Benchmarks.Data;
using Millrace.Messaging;

namespace Millrace.Benchmarks.Messaging;

/// <summary>
/// Creates Kafka records for CloudEvents without Millrace. Parts that all records share are created once.
/// </summary>
internal static class RawKafkaRecord
{
    private static readonly byte[] Version = "1.0"u8.ToArray();
    private static readonly byte[] Source = Bytes(CloudEventNames.NoSource);
    private static readonly byte[] Type = Bytes(SampleLines.EventType);
    private static readonly byte[] Json = Bytes("application/json");

    public static Message<byte[], byte[]> Create(in PendingEvent pending)
    {
        var subject = Bytes(pending.Stream);
        return new Message<byte[], byte[]>
        {
            Key = subject,
            Value = pending.Body,
            Headers = new Headers
            {
                { "ce_specversion", Version },
                { "ce_id", Bytes(pending.Id.ToString()) },
                { "ce_source", Source },
                { "ce_type", Type },
                { "ce_subject", subject },
                { "ce_time", Bytes(pending.TimeText) },
                { "content-type", Json },
            },
        };
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
