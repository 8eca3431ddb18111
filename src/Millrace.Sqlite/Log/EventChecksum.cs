using System.Numerics;
using Millrace.Shared.Storage;

namespace Millrace.Sqlite.Log;

/// <summary>A CRC-32C checksum over an event's content and position, which detects altered bytes.</summary>
internal static class EventChecksum
{
    public static long Compute(
        long stream,
        long version,
        long position,
        long timestamp,
        Guid id,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> metadata)
    {
        Span<byte> idBytes = stackalloc byte[16];
        id.TryWriteBytes(idBytes, bigEndian: true, out _);
        var sum = BitOperations.Crc32C(uint.MaxValue, (ulong)stream);
        sum = BitOperations.Crc32C(sum, (ulong)version);
        sum = BitOperations.Crc32C(sum, (ulong)position);
        sum = BitOperations.Crc32C(sum, (ulong)timestamp);
        sum = BitOperations.Crc32C(sum, (ulong)payload.Length);
        return Checksum.Add(Checksum.Add(Checksum.Add(sum, idBytes), payload), metadata);
    }
}
