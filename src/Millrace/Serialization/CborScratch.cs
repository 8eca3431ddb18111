namespace Millrace.Serialization;

/// <summary>Provides a buffer for each thread, so that writing an event allocates only the result.</summary>
internal static class CborScratch
{
    private const int Bytes = 4096;

    [ThreadStatic]
    private static byte[]? _buffer;

    public static byte[] Rent()
    {
        var buffer = _buffer ?? new byte[Bytes];
        _buffer = null;
        return buffer;
    }

    /// <summary>Disposes a writer, and keeps its buffer for the next writer.</summary>
    public static void Return(ref CborWriter writer)
    {
        Keep(writer.Buffer);
        writer.Dispose();
    }

    /// <summary>Keeps a buffer of this class for the next writer. Other buffers are ignored.</summary>
    public static void Keep(byte[] buffer)
    {
        if (buffer.Length == Bytes)
            _buffer = buffer;
    }
}
