using System.Text;
using System.Text.Json;
using Millrace.Messaging;
using Millrace.Redis.Client;
using StackExchange.Redis;

namespace Millrace.Redis.Streams;

/// <summary>
/// Converts messages to and from entries of a stream: attributes and headers are fields, the body is the field
/// <c>data</c>.
/// </summary>
internal static class EntryConverter
{
    private const string Body = "data";
    private const string ContentType = "content-type";

    // The prefix for headers whose names are reserved.
    private const string Escape = "header_";

    private static readonly CloudEventBinding Binding = new("ce_");

    // Names that nearly every entry has: their texts are not allocated again.
    private static readonly (byte[] Bytes, string Name)[] Known =
    [
        .. (
            (string[])
                [
                    Body,
                    ContentType,
                    "ce_specversion",
                    "ce_id",
                    "ce_source",
                    "ce_type",
                    "ce_subject",
                    "ce_time",
                    "ce_partitionkey",
                    "ce_correlationid",
                    "ce_causationid",
                    "ce_traceparent",
                    "ce_millraceschema",
                ]
        ).Select(name => (Encoding.UTF8.GetBytes(name), name)),
    ];

    /// <summary>Returns the fields of a message's entry.</summary>
    /// <param name="outgoing">The message.</param>
    /// <param name="fields">A reusable list of fields.</param>
    public static NameValueEntry[] Write(OutgoingMessage outgoing, List<NameValueEntry> fields)
    {
        fields.Clear();
        var (body, contentType) = Binding.Write(
            outgoing.Message, outgoing.Format, fields, static (all, name, value) => all.Add(new(Escaped(name), value)));
        fields.Add(new(ContentType, contentType));
        fields.Add(new(Body, body));
        return [.. fields];
    }

    /// <summary>
    /// Reads the fields of an entry. Entries of other writers are read as well, or reported as unreadable.
    /// </summary>
    /// <exception cref="RedisConnectionLostException">The values are not fields.</exception>
    public static (Message Message, string? Problem) Read(RedisValue[] fields)
    {
        if (fields.Length % 2 != 0)
            throw RedisConnectionLostException.UnexpectedReply("an entry has a field without a value");
        ReadOnlyMemory<byte>? body = null;
        string? contentType = null;
        var headers = new List<KeyValuePair<string, string>>(fields.Length / 2);
        for (var i = 0; i < fields.Length; i += 2)
        {
            var name = NameOf(((ReadOnlyMemory<byte>)fields[i]).Span);
            var value = fields[i + 1];
            if (name == Body)
                body = value;
            else if (name == ContentType)
                contentType = Text(value);
            else
                headers.Add(new(Unescaped(name), Text(value)));
        }
        return Binding.Read(
            contentType,
            headers,
            body ?? (headers.Count == 0 || headers.Exists(IsAttribute) ? default : Plain(headers)));
    }

    /// <summary>
    /// Returns true if a field shows that the entry is a CloudEvent: without a body field, its body is then empty.
    /// </summary>
    private static bool IsAttribute(KeyValuePair<string, string> field) => field.Key is "ce_id" or "ce_type";

    private static string NameOf(ReadOnlySpan<byte> bytes)
    {
        foreach (var (known, name) in Known)
        {
            if (bytes.SequenceEqual(known))
                return name;
        }
        return Encoding.UTF8.GetString(bytes);
    }

    private static string Text(RedisValue value) => Encoding.UTF8.GetString(((ReadOnlyMemory<byte>)value).Span);

    private static string Escaped(string name) =>
        name is Body or ContentType || name.StartsWith(Escape, StringComparison.Ordinal) ? Escape + name : name;

    private static string Unescaped(string name) =>
        name.StartsWith(Escape, StringComparison.Ordinal) ? name[Escape.Length..] : name;

    /// <summary>Returns the body for an entry without one: all its fields, so that entries are distinguished.</summary>
    private static byte[] Plain(List<KeyValuePair<string, string>> fields)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }
        return bytes.ToArray();
    }
}
