using System.Text;

namespace Millrace.Sharding;

/// <summary>
/// Rendezvous hashing: each shard draws numbers for a key, and the shard with the highest number has the key. A shard
/// with the weight <i>n</i> draws <i>n</i> numbers. A change of one shard therefore only moves keys from or to this
/// shard, and no other keys.
/// </summary>
/// <remarks>
/// The results are stored implicitly, in the places of streams. They must never change, and are the same on all
/// computers: only integers are used.
/// </remarks>
internal static class RendezvousHash
{
    private const ulong Offset = 14_695_981_039_346_656_037;
    private const ulong Prime = 1_099_511_628_211;
    private const ulong Step = 0x9E37_79B9_7F4A_7C15;
    private const int MaxStackBytes = 512;

    /// <summary>Returns the FNV-1a hash of the UTF-8 bytes of a text, with its bits mixed.</summary>
    public static ulong Of(string text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        var buffer = length <= MaxStackBytes ? stackalloc byte[MaxStackBytes] : new byte[length];
        var hash = Offset;
        foreach (var value in buffer[..Encoding.UTF8.GetBytes(text, buffer)])
            hash = (hash ^ value) * Prime;
        return Mix(hash);
    }

    /// <summary>Returns the highest number that a shard draws for the hash of a key.</summary>
    /// <param name="seed">The hash of the name of the shard.</param>
    /// <param name="weight">The weight of the shard.</param>
    /// <param name="key">The hash of the key.</param>
    public static ulong Score(ulong seed, int weight, ulong key)
    {
        var highest = 0UL;
        for (var draw = 1; draw <= weight; draw++)
        {
            var number = Mix(key ^ Mix(seed + ((ulong)draw * Step)));
            if (number > highest)
                highest = number;
        }
        return highest;
    }

    /// <summary>Distributes each bit of a number over all bits (the finalizer of SplitMix64).</summary>
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58_476D_1CE4_E5B9;
        value = (value ^ (value >> 27)) * 0x94D0_49BB_1331_11EB;
        return value ^ (value >> 31);
    }
}
