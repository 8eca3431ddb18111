using Millrace.Kafka.Native;
using Millrace.Messaging;

namespace Millrace.Kafka;

/// <summary>Converts CloudEvents to records of Kafka.</summary>
internal static class RecordConverter
{
    /// <summary>The prefix of attribute names.</summary>
    public const string Prefix = "ce_";

    /// <summary>The header with the media type of the body.</summary>
    public const string ContentType = "content-type";

    // The prefix for headers whose names are reserved.
    private const string Escape = "header_";

    /// <summary>The mapping of attributes and bodies.</summary>
    public static readonly CloudEventBinding Binding = new(Prefix);

    /// <summary>Writes the record of a message.</summary>
    /// <param name="outgoing">The message.</param>
    /// <param name="record">The writer for its key and headers.</param>
    /// <returns>The body.</returns>
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

    /// <summary>Returns the name of a header in the message.</summary>
    public static string Unescaped(string name) =>
        name.StartsWith(Escape, StringComparison.Ordinal) ? name[Escape.Length..] : name;
}
