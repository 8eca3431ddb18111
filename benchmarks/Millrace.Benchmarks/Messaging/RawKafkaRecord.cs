using System.Text;
using Confluent.Kafka;
using Millrace.Benchmarks.Data;
using Millrace.Messaging;

namespace Millrace.Benchmarks.Messaging;

/// <summary>Creates Kafka records for CloudEvents by hand; common parts are created once.</summary>
internal static class RawKafkaRecord
{
    private static readonly byte[] Version = "1.0"u8.ToArray();
    private static readonly byte[] Source = Bytes(CloudEventNames.NoSource);
    private static readonly byte[] Type = Bytes(SampleLines.EventType);
    private static readonly byte[] Json = Bytes("application/json");

    public static Message<byte[], byte[]> Of(in PendingEvent held)
    {
        var subject = Bytes(held.Stream);
        return new Message<byte[], byte[]>
        {
            Key = subject,
            Value = held.Body,
            Headers = new Headers
            {
                { "ce_specversion", Version },
                { "ce_id", Bytes(held.Id.ToString()) },
                { "ce_source", Source },
                { "ce_type", Type },
                { "ce_subject", subject },
                { "ce_time", Bytes(held.TimeText) },
                { "content-type", Json },
            },
        };
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
