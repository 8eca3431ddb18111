using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Answers;

namespace Millrace.Cli;

/// <summary>Events for programs: one JSON object a line.</summary>
internal sealed class EventJson(Stream output)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>How every JSON of the tool is written: characters are not escaped where they need not be.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an event and the end of its line.</summary>
    public void Write(RecordedEvent recorded)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer, WriterOptions))
            RecordedEventJson.WriteObject(writer, recorded);
        output.Write(_buffer.WrittenSpan);
        output.WriteByte((byte)'\n');
    }
}
