using System.Runtime.InteropServices;
using System.Text;
using Confluent.Kafka;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>How a CloudEvent stands in a record of Kafka, and what is read of senders who know of no CloudEvents.</summary>
internal static class RecordForm
{
    private const string Prefix = "ce_";
    private const string ContentType = "content-type";

    // Headers whose names are taken.
    private const string Escape = "header_";

    // Above what a record itself takes.
    private const int HeaderOverhead = 8;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    private static readonly CloudEventBinding Binding = new(Prefix);

    /// <summary>Makes the record of a message.</summary>
    /// <param name="outgoing">The message.</param>
    /// <param name="headerBytes">What its key and headers take, about.</param>
    public static Message<byte[], byte[]> Write(OutgoingMessage outgoing, out int headerBytes)
    {
        var headers = new Headers();
        var (body, contentType) = Binding.Write(
            outgoing.Message, outgoing.Format, headers, static (all, name, value) => all.Add(Escaped(name), Encoding.UTF8.GetBytes(value)));
        headers.Add(ContentType, Encoding.UTF8.GetBytes(contentType));
        var key = Encoding.UTF8.GetBytes(outgoing.Message.Key);
        headerBytes = key.Length;
        for (var i = 0; i < headers.Count; i++)
            headerBytes += headers[i].Key.Length + headers[i].GetValueBytes().Length + HeaderOverhead;
        return new Message<byte[], byte[]> { Key = key, Value = ArrayOf(body), Headers = headers };
    }

    /// <summary>Reads a record. What others have published is read as well, or told to be no message.</summary>
    public static (Message Message, string? Problem) Read(ConsumeResult<byte[], byte[]> record)
    {
        var headers = new List<KeyValuePair<string, string>>(record.Message.Headers?.Count ?? 0);
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
            headers.Add(new(Prefix + "id", $"{record.Topic}/{record.Partition.Value}/{record.Offset.Value}"));
        if (!hasKey && TextOf(record.Message.Key) is { Length: > 0 } key)
            headers.Add(new(Prefix + "partitionkey", key));
        return Binding.Read(contentType, headers, record.Message.Value ?? []);
    }

    private static byte[] ArrayOf(ReadOnlyMemory<byte> body) =>
        MemoryMarshal.TryGetArray(body, out var segment) && segment.Offset == 0 && segment.Count == segment.Array!.Length
            ? segment.Array
            : body.ToArray();

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
