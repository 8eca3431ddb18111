using System.Buffers;
using System.Text.Json;

namespace Millrace;

/// <summary>How the events of one type become bytes and back. Safe to use from several threads.</summary>
public interface IEventFormat<T>
    where T : notnull
{
    /// <summary>The media type of what is written.</summary>
    string ContentType { get; }

    /// <summary>Writes <paramref name="value"/>.</summary>
    void Write(IBufferWriter<byte> output, T value);

    /// <summary>Reads a value.</summary>
    /// <exception cref="JsonException">The bytes are not such a value; any other exception is taken the
    /// same.</exception>
    T Read(ReadOnlySpan<byte> payload);
}
