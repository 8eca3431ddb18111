using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace Millrace.PostgreSql;

/// <summary>A checksum (CRC-32C) over what an event says and its place in its stream, so that altered bytes are noticed.</summary>
/// <remarks>Its position is not in it: the database gives that when it writes. Of two events that changed places, the versions
/// tell.</remarks>
internal static class EventChecksum
{
    public static int Compute(
        string stream, long version, Guid id, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata)
    {
        Span<byte> bytes = stackalloc byte[StreamId.MaxBytes];
        var length = Encoding.UTF8.GetBytes(stream, bytes);
        var sum = Add(uint.MaxValue, bytes[..length]);
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        sum = BitOperations.Crc32C(Add(sum, bytes[..16]), (ulong)version);
        sum = BitOperations.Crc32C(sum, (ulong)payload.Length);
        return unchecked((int)Add(Add(sum, payload), metadata));
    }

    private static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            sum = BitOperations.Crc32C(sum, word);
        for (var i = words.Length * sizeof(ulong); i < bytes.Length; i++)
            sum = BitOperations.Crc32C(sum, bytes[i]);
        return sum;
    }
}
