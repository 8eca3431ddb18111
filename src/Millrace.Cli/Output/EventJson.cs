using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Millrace.Shared.Json;

namespace Millrace.Cli.Output;

/// <summary>Writes events as JSON, one object a line.</summary>
internal sealed class EventJson(Stream output)
{
    private readonly ArrayBufferWriter<byte> _buffer = new(4096);

    /// <summary>The options of all JSON output: only required characters are escaped.</summary>
    public static JsonWriterOptions WriterOptions { get; } =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes an event and a line end.</summary>
    public void Write(RecordedEvent recorded)
    {
        _buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_buffer, WriterOptions))
            RecordedEventJson.WriteObject(writer, recorded);
        output.Write(_buffer.WrittenSpan);
        output.WriteByte((byte)'\n');
    }
}
