using System.Text;
using Confluent.Kafka;
using Millrace.Kafka.Native;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>How a CloudEvent stands in a record of Kafka, and what is read of senders who know of no CloudEvents.</summary>
internal static class RecordForm
{
    private const string Prefix = "ce_";
    private const string ContentType = "content-type";

    private const int MostAdded = 2; // To the headers of a record: an id and a key.

    // Headers whose names are taken.
    private const string Escape = "header_";

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly CloudEventBinding Binding = new(Prefix);

    /// <summary>Writes the record of a message.</summary>
    /// <param name="outgoing">The message.</param>
    /// <param name="record">Where its key and headers are written.</param>
    /// <returns>Its body.</returns>
    public static ReadOnlyMemory<byte> Write(in OutgoingMessage outgoing, RecordWriter record)
    {
        record.Begin(outgoing.Destination, outgoing.Message.Key);
        var (body, contentType) = Binding.Write(
            outgoing.Message, outgoing.Format, record, static (one, name, value) => one.AddHeader(Escaped(name), value));
        record.AddHeader(ContentType, contentType);
        return body;
    }

    /// <summary>Reads a record. What others have published is read as well, or told to be no message.</summary>
    /// <param name="record">The record.</param>
    /// <param name="topic">The topic that it is of.</param>
    public static (Message Message, string? Problem) Read(ConsumeResult<byte[], byte[]> record, string topic)
    {
        var headers = new List<KeyValuePair<string, string>>((record.Message.Headers?.Count ?? 0) + MostAdded);
        string? contentType = null;
        var isCloudEvent = false;
        var hasKey = false;
        foreach (var header in record.Message.Headers ?? [])
        {
            var value = header.GetValueBytes() is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
            if (string.Equals(header.Key, ContentType, StringComparison.OrdinalIgnoreCase))
            {
                contentType = value;
                continue;
            }
            isCloudEvent |= header.Key == Prefix + "id";
            hasKey |= header.Key == Prefix + "partitionkey";
            headers.Add(new(Unescaped(header.Key), value));
        }
        if (!isCloudEvent && !CloudEventJson.Is(contentType)) // Without an id: where it lies is one, so that records are told apart.
            headers.Add(new(Prefix + "id", $"{topic}/{record.Partition.Value}/{record.Offset.Value}"));
        if (!hasKey && TextOf(record.Message.Key) is { Length: > 0 } key)
            headers.Add(new(Prefix + "partitionkey", key));
        return Binding.Read(contentType, headers, record.Message.Value ?? []);
    }

    /// <summary>The text of a key; null when it is none.</summary>
    private static string? TextOf(byte[]? key)
    {
        try
        {
            return key is null ? null : Strict.GetString(key);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private static string Escaped(string name) =>
        name == ContentType || name.StartsWith(Escape, StringComparison.Ordinal) ? Escape + name : name;

    private static string Unescaped(string name) =>
        name.StartsWith(Escape, StringComparison.Ordinal) ? name[Escape.Length..] : name;
}
