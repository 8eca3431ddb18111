namespace Millrace.Serialization;

/// <summary>A buffer per thread, so that writing an event allocates only its bytes.</summary>
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

    /// <summary>Disposes a writer, and takes its buffer back.</summary>
    public static void Return(ref CborWriter writer)
    {
        Keep(writer.Buffer);
        writer.Dispose();
    }

    /// <summary>Takes a buffer back that came from this class; other buffers are ignored.</summary>
    public static void Keep(byte[] buffer)
    {
        if (buffer.Length == Bytes)
            _buffer = buffer;
    }
}
