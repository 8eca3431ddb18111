using System.Numerics;
using System.Runtime.InteropServices;

namespace Millrace.Adapters;

/// <summary>A checksum (CRC-32C) over bytes. What is stored was summed so: it never changes.</summary>
internal static class Checksum
{
    /// <summary>Adds bytes to a sum, in words of eight as far as they go.</summary>
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
