using System.Buffers;
using System.Text.Json;

namespace Millrace.Serialization;

/// <summary>One JSON writer and one buffer per thread, so that writing an event allocates its bytes and nothing
/// else.</summary>
internal static class JsonBuffers
{
    private const int MaxPooledBytes = 256 * 1024;

    /// <summary>What is not in use writes here: nothing.</summary>
    private static readonly ArrayBufferWriter<byte> EmptyBuffer = new();

    // What is nested deeper could be written, but not read again: readers stop here by default.
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
        writer.Reset(EmptyBuffer); // Not a stream: for one the writer would make a buffer of its own.
        _writer = writer;
    }
}
