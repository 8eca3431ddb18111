using System.Numerics;
using System.Text;
using Millrace.Adapters;

namespace Millrace.PostgreSql;

/// <summary>A checksum (CRC-32C) over what an event says and its place in its stream, so that altered bytes are
/// noticed.</summary>
/// <remarks>Its position is not in it: the database gives that when it writes. Of two events that changed places, the
/// versions tell.</remarks>
internal static class EventChecksum
{
    public static int Compute(
        string stream, long version, Guid id, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata)
    {
        Span<byte> bytes = stackalloc byte[StreamId.MaxBytes];
        var length = Encoding.UTF8.GetBytes(stream, bytes);
        var sum = Checksum.Add(uint.MaxValue, bytes[..length]);
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        sum = BitOperations.Crc32C(Checksum.Add(sum, bytes[..16]), (ulong)version);
        sum = BitOperations.Crc32C(sum, (ulong)payload.Length);
        return unchecked((int)Checksum.Add(Checksum.Add(sum, payload), metadata));
    }
}
