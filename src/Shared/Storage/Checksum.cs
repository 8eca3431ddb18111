using System.Numerics;
using System.Runtime.InteropServices;

namespace Millrace.Shared.Storage;

/// <summary>Computes CRC-32C checksums. The algorithm must never change, because stores contain checksums.</summary>
internal static class Checksum
{
    /// <summary>Adds bytes to a checksum, eight at a time where possible.</summary>
    public static uint Add(uint sum, ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            sum = BitOperations.Crc32C(sum, word);
        for (var i = words.Length * sizeof(ulong); i < bytes.Length; i++)
            sum = BitOperations.Crc32C(sum, bytes[i]);
        return sum;
    }
}
