using System.Buffers;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>A CBOR item that was converted to JSON. Disposal returns the buffer to its pool.</summary>
internal readonly ref struct CborJsonBuffer
{
    private readonly ArrayBufferWriter<byte> _buffer;

    /// <summary>Converts the item at the reader's position.</summary>
    public CborJsonBuffer(ref CborReader reader)
    {
        _buffer = JsonBuffers.RentBuffer();
        var writer = JsonBuffers.Rent(_buffer);
        try
        {
            CborToJson.Write(ref reader, writer);
            writer.Flush();
        }
        finally
        {
            JsonBuffers.Return(writer);
        }
    }

    /// <summary>Gets a reader of the JSON, at the first token.</summary>
    public Utf8JsonReader Reader
    {
        get
        {
            var reader = new Utf8JsonReader(_buffer.WrittenSpan);
            reader.Read();
            return reader;
        }
    }

    public void Dispose() => JsonBuffers.Return(_buffer);
}
