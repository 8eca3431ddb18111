using Millrace.Kafka.Native;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>How a CloudEvent stands in a record of Kafka.</summary>
internal static class RecordConverter
{
    /// <summary>What the names of attributes begin with.</summary>
    public const string Prefix = "ce_";

    /// <summary>The header that says what the body is.</summary>
    public const string ContentType = "content-type";

    // Headers whose names are taken.
    private const string Escape = "header_";

    /// <summary>How attributes and bodies are told apart.</summary>
    public static readonly CloudEventBinding Binding = new(Prefix);

    /// <summary>Writes the record of a message.</summary>
    /// <param name="outgoing">The message.</param>
    /// <param name="record">Where its key and headers are written.</param>
    /// <returns>Its body.</returns>
    public static ReadOnlyMemory<byte> Write(in OutgoingMessage outgoing, RecordWriter record)
    {
        record.Begin(outgoing.Destination, outgoing.Message.Key);
        var (body, contentType) = Binding.Write(
            outgoing.Message,
            outgoing.Format,
            record,
            static (one, name, value) => one.AddHeader(Escaped(name), value));
        record.AddHeader(ContentType, contentType);
        return body;
    }

    private static string Escaped(string name) =>
        name == ContentType || name.StartsWith(Escape, StringComparison.Ordinal) ? Escape + name : name;

    /// <summary>The name of a header as the message has it.</summary>
    public static string Unescaped(string name) =>
        name.StartsWith(Escape, StringComparison.Ordinal) ? name[Escape.Length..] : name;
}
