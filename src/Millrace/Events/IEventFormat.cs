using System.Buffers;
using System.Text.Json;

namespace Millrace;

/// <summary>Serializes and deserializes the events of one type. Thread-safe.</summary>
public interface IEventFormat<T>
    where T : notnull
{
    /// <summary>Gets the media type of the output.</summary>
    string ContentType { get; }

    /// <summary>Writes <paramref name="value"/>.</summary>
    void Write(IBufferWriter<byte> output, T value);

    /// <summary>Reads a value.</summary>
    /// <exception cref="JsonException">The bytes are not such a value. Any other exception is treated in the same
    /// way.</exception>
    T Read(ReadOnlySpan<byte> payload);
}
