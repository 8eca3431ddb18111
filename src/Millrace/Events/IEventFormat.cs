using System.Buffers;
using System.Text.Json;

namespace Millrace;

/// <summary>Serializes and deserializes the events of one type. Thread-safe.</summary>
public interface IEventFormat<T>
    where T : notnull
{
    /// <summary>Gets the media type of the output.</summary>
    string ContentType { get; }

    /// <summary>Writes an event.</summary>
    void Write(IBufferWriter<byte> output, T value);

    /// <summary>Reads an event.</summary>
    /// <exception cref="JsonException">The bytes are not an event of the type. Any other exception has the same
    /// effect.</exception>
    T Read(ReadOnlySpan<byte> payload);
}
