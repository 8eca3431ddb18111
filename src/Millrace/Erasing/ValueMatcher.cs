using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Millrace.Erasing;

/// <summary>How bytes contain a value of a subject.</summary>
[Flags]
internal enum ValueMatch
{
    /// <summary>They contain no value.</summary>
    None = 0,

    /// <summary>They contain a value that others may have too, such as a city.</summary>
    Common = 1,

    /// <summary>They contain a value that hardly anyone else has, such as an e-mail address.</summary>
    Distinctive = 2,

    /// <summary>They also belong to the subject.</summary>
    OfSubject = 4,
}

/// <summary>
/// Searches bytes for many values at once. Values are found by their first four bytes, and then by their length. Common
/// values are found only as whole words.
/// </summary>
internal sealed class ValueMatcher
{
    private const int PrefixBytes = 4;
    private const int FilterBits = 16;

    private readonly Dictionary<byte[], bool> _values = new(ByteComparer.Instance);
    private readonly Dictionary<uint, List<int>> _lengths = []; // The lengths of the values, longest first, by prefix.
    private readonly bool[] _filter = new bool[1 << FilterBits];

    /// <summary>Adds a value of at least four bytes.</summary>
    public void Add(byte[] value, bool isDistinctive)
    {
        if (!_values.TryAdd(value, isDistinctive))
            return;
        var prefix = BinaryPrimitives.ReadUInt32LittleEndian(value);
        if (!_lengths.TryGetValue(prefix, out var lengths))
            _lengths[prefix] = lengths = [];
        var index = lengths.BinarySearch(value.Length, Descending);
        if (index < 0)
            lengths.Insert(~index, value.Length);
        _filter[FilterOf(prefix)] = true;
    }

    /// <summary>Returns whether bytes contain a value.</summary>
    public ValueMatch Find(ReadOnlySpan<byte> bytes)
    {
        var found = ValueMatch.None;
        var start = 0;
        while (found != ValueMatch.Distinctive && TryFindNext(bytes, ref start, out var length, out var isDistinctive))
        {
            found = isDistinctive ? ValueMatch.Distinctive : ValueMatch.Common;
            start += isDistinctive ? length : 1; // A distinctive value may start inside a common value.
        }
        return found;
    }

    /// <summary>Finds the next value at or after an index. At one index, the longest value is found.</summary>
    public bool TryFindNext(ReadOnlySpan<byte> bytes, ref int start, out int length, out bool isDistinctive)
    {
        var lookup = _values.GetAlternateLookup<ReadOnlySpan<byte>>();
        for (; start + PrefixBytes <= bytes.Length; start++)
        {
            var prefix = BinaryPrimitives.ReadUInt32LittleEndian(bytes[start..]);
            if (!_filter[FilterOf(prefix)] || !_lengths.TryGetValue(prefix, out var lengths))
                continue;
            foreach (var candidate in lengths)
            {
                if (start + candidate <= bytes.Length
                    && lookup.TryGetValue(bytes.Slice(start, candidate), out isDistinctive)
                    && (isDistinctive || IsWord(bytes, start, candidate)))
                {
                    length = candidate;
                    return true;
                }
            }
        }
        (length, isDistinctive) = (0, false);
        return false;
    }

    private static readonly Comparer<int> Descending = Comparer<int>.Create((first, second) => second - first);

    /// <summary>Returns whether a value is not a part of a longer word.</summary>
    private static bool IsWord(ReadOnlySpan<byte> bytes, int start, int length) =>
        (start == 0 || !IsWordByte(bytes[start - 1]))
        && (start + length == bytes.Length || !IsWordByte(bytes[start + length]));

    private static bool IsWordByte(byte value) =>
        char.IsAsciiLetterOrDigit((char)value)
        || value >= 0x80;

    private static int FilterOf(uint prefix) => (int)((prefix * 2654435761u) >> (32 - FilterBits));

    private sealed class ByteComparer
        : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static ByteComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
