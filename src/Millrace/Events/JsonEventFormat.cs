using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Millrace.Events;
using Millrace.Serialization;

namespace Millrace;

/// <summary>Reads and writes events as JSON with <see cref="System.Text.Json"/>. This is the default format.</summary>
public sealed class JsonEventFormat<T>(JsonTypeInfo<T> typeInfo) : IEventFormat<T>
    where T : notnull
{
    private readonly JsonTypeInfo<T> _typeInfo = typeInfo ?? throw new ArgumentNullException(nameof(typeInfo));

    /// <inheritdoc/>
    public string ContentType => EventContentType.Json;

    /// <inheritdoc/>
    /// <exception cref="JsonException">A text contains half of a surrogate pair, which would be read back as another
    /// character.</exception>
    public void Write(IBufferWriter<byte> output, T value)
    {
        var writer = JsonBuffers.Rent(output);
        try
        {
            JsonSerializer.Serialize(writer, value, _typeInfo);
            writer.Flush();
        }
        finally
        {
            JsonBuffers.Return(writer);
        }
        // The JSON writer replaces half of a surrogate pair with U+FFFD. Valid text may also contain this character, so
        // the value is checked again if the character occurs.
        if (output is ArrayBufferWriter<byte> buffer && buffer.WrittenSpan.IndexOf("\\uFFFD"u8) >= 0)
            ThrowIfLoneSurrogates(value);
    }

    private void ThrowIfLoneSurrogates(T value)
    {
        using var writer = new Utf8JsonWriter(
            new ArrayBufferWriter<byte>(), new JsonWriterOptions { Encoder = new LoneSurrogateValidator() });
        JsonSerializer.Serialize(writer, value, _typeInfo);
    }

    /// <inheritdoc/>
    public T Read(ReadOnlySpan<byte> payload) =>
        JsonSerializer.Deserialize(payload, _typeInfo)
        ?? throw new JsonException("The payload is the JSON value null.");
}
