using System.Buffers;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>
/// Provides a JSON writer and a buffer for each thread, so that writing an event allocates only the result.
/// </summary>
internal static class JsonBuffers
{
    private const int MaxPooledBytes = 256 * 1024;

    /// <summary>The output of a writer that is not in use.</summary>
    private static readonly ArrayBufferWriter<byte> EmptyBuffer = new();

    // By default, readers refuse values that are deeper than this. A deeper value could be written but not read again.
    private static readonly JsonWriterOptions Options = new() { MaxDepth = 64 };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static ArrayBufferWriter<byte> RentBuffer()
    {
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(1024);
        _buffer = null;
        buffer.ResetWrittenCount();
        return buffer;
    }

    public static void Return(ArrayBufferWriter<byte> buffer)
    {
        if (buffer.Capacity <= MaxPooledBytes)
            _buffer = buffer;
    }

    public static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        var writer = _writer;
        if (writer is null)
            return new Utf8JsonWriter(output, Options);
        _writer = null;
        writer.Reset(output);
        return writer;
    }

    public static void Return(Utf8JsonWriter writer)
    {
        writer.Reset(EmptyBuffer); // For a stream, the writer would allocate a buffer.
        _writer = writer;
    }
}
