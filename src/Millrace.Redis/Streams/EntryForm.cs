using System.Text;
using System.Text.Json;
using Millrace.Messaging;

namespace Millrace.Redis;

/// <summary>
/// How a message stands in an entry of a stream: its attributes and headers as fields, its body as the field <c>data</c>.
/// </summary>
internal static class EntryForm
{
    private const string Body = "data";
    private const string ContentType = "content-type";

    // Headers whose names are taken.
    private const string Escape = "header_";

    private static readonly CloudEventBinding Binding = new("ce_");

    // Names that nearly every entry has: no text is made of them again.
    private static readonly (byte[] Bytes, string Name)[] Known = [.. ((string[])
        [
            Body, ContentType, "ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_partitionkey",
            "ce_correlationid", "ce_causationid", "ce_traceparent", "ce_millraceschema",
        ]).Select(name => (Encoding.UTF8.GetBytes(name), name))];

    /// <summary>Adds the command that adds a message to a stream.</summary>
    /// <param name="commands">What it is added to.</param>
    /// <param name="stream">The key of the stream.</param>
    /// <param name="maxLength">The most entries that it keeps, about; 0 for all.</param>
    /// <param name="outgoing">The message.</param>
    /// <param name="fields">Room to note fields in.</param>
    public static void Write(
        RedisCommands commands, string stream, long maxLength, OutgoingMessage outgoing, List<(string Name, string Value)> fields)
    {
        fields.Clear();
        var (body, contentType) = Binding.Write(
            outgoing.Message, outgoing.Format, fields, static (all, name, value) => all.Add((Escaped(name), value)));
        commands.Begin(3 + (maxLength > 0 ? 3 : 0) + (2 * (fields.Count + 2))).Add("XADD"u8).Add(stream);
        if (maxLength > 0)
            commands.Add("MAXLEN"u8).Add("~"u8).Add(maxLength);
        commands.Add("*"u8);
        foreach (var (name, value) in fields)
            commands.Add(name).Add(value);
        commands.Add(ContentType).Add(contentType).Add(Body).Add(body.Span);
    }

    /// <summary>Reads the fields of an entry. What others have added is read as well, or told to be no message.</summary>
    /// <exception cref="RedisLostException">They are no fields: no Redis answers so.</exception>
    public static (Message Message, string? Problem) Read(RespValue[] fields)
    {
        if (fields.Length % 2 != 0)
            throw RedisLostException.Odd("an entry has a field without a value");
        byte[]? body = null;
        string? contentType = null;
        var headers = new List<KeyValuePair<string, string>>(fields.Length / 2);
        for (var i = 0; i < fields.Length; i += 2)
        {
            var name = NameOf(fields[i].Content("the name of a field"));
            var value = fields[i + 1].Content("a field");
            if (name == Body)
                body = value;
            else if (name == ContentType)
                contentType = Encoding.UTF8.GetString(value);
            else
                headers.Add(new(Unescaped(name), Encoding.UTF8.GetString(value)));
        }
        return Binding.Read(contentType, headers, body ?? (headers.Count == 0 || headers.Exists(IsAttribute) ? [] : Plain(headers)));
    }

    /// <summary>Whether a field says that the entry is a CloudEvent: its body is empty then, and not what the fields say.</summary>
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

    private static string Escaped(string name) =>
        name is Body or ContentType || name.StartsWith(Escape, StringComparison.Ordinal) ? Escape + name : name;

    private static string Unescaped(string name) =>
        name.StartsWith(Escape, StringComparison.Ordinal) ? name[Escape.Length..] : name;

    /// <summary>An entry without a body is one of somebody else's: all that it says, so that entries are told apart.</summary>
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
