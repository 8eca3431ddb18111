using System.Buffers;
using Millrace.Sqlite.Driver;

namespace Millrace.Sqlite.Keys;

/// <summary>Searches the file for copies of wrapped keys outside their rows.</summary>
internal static class KeyCopies
{
    private const int BufferBytes = 1024 * 1024;

    // The end of a wrapped key is its tag, which is unique. Its start may be the same for all keys of a master key.
    private const int MaxSearchedBytes = 32;
    private const int MinSearchedBytes = 16;

    /// <summary>
    /// Returns true if the file contains a key more than once. Wrapped keys of less than 16 bytes are not searched.
    /// </summary>
    public static bool Exist(Connection connection, IReadOnlyList<ReadOnlyMemory<byte>> wrapped)
    {
        var ends = wrapped.Where(bytes => bytes.Length >= MinSearchedBytes)
            .Select(bytes => bytes[^Math.Min(bytes.Length, MaxSearchedBytes)..])
            .ToArray();
        if (ends.Length == 0)
            return false;
        var counts = new int[ends.Length];
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (long offset = 0; ; offset += BufferBytes - MaxSearchedBytes)
            {
                var read = connection.ReadFile(offset, buffer.AsSpan(0, BufferBytes));
                for (var i = 0; i < ends.Length; i++)
                {
                    // A copy at the end of this buffer is also in the next one, where it is counted.
                    counts[i] += Count(buffer.AsSpan(0, read), ends[i].Span, read == BufferBytes);
                    if (counts[i] > 1)
                        return true;
                }
                if (read < BufferBytes)
                    return false;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static int Count(ReadOnlySpan<byte> buffer, ReadOnlySpan<byte> searched, bool hasNext)
    {
        var lastStart = hasNext ? BufferBytes - MaxSearchedBytes : buffer.Length;
        var count = 0;
        for (var start = 0; ; start++)
        {
            var found = buffer[start..].IndexOf(searched);
            if (found < 0 || (start += found) >= lastStart)
                return count;
            count++;
        }
    }
}
