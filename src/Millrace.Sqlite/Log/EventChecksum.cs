using System.Numerics;
using System.Runtime.InteropServices;

namespace Millrace.Sqlite;

/// <summary>A checksum (CRC-32C) over what an event says and where it stands, so that altered bytes are noticed.</summary>
internal static class EventChecksum
{
    public static long Compute(
        long stream, long version, long position, long timestamp, Guid id, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata)
    {
        Span<byte> idBytes = stackalloc byte[16];
        id.TryWriteBytes(idBytes, bigEndian: true, out _);
        var sum = BitOperations.Crc32C(uint.MaxValue, (ulong)stream);
        sum = BitOperations.Crc32C(sum, (ulong)version);
        sum = BitOperations.Crc32C(sum, (ulong)position);
        sum = BitOperations.Crc32C(sum, (ulong)timestamp);
        sum = BitOperations.Crc32C(sum, (ulong)payload.Length);
        return Add(Add(Add(sum, idBytes), payload), metadata);
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
