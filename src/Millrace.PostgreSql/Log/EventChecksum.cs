using System.Numerics;
using System.Text;
using Millrace.Shared.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// A CRC-32C checksum over an event's content and its place in its stream, which detects altered bytes.
/// </summary>
/// <remarks>
/// The position is not included, because the database assigns it during the write. If two events swap places, their
/// versions show it.
/// </remarks>
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
