using System.Buffers;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>One item of CBOR as the JSON it means, in a buffer that is given back at the end.</summary>
internal readonly ref struct CborJsonBuffer
{
    private readonly ArrayBufferWriter<byte> _buffer;

    /// <summary>Reads the item that the reader stands at.</summary>
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

    /// <summary>A reader of it, at the first token.</summary>
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
