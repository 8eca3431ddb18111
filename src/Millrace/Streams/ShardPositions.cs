using System.Buffers;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Text;

namespace Millrace.Streams;

/// <summary>
/// Positions in the logs of several shards, at most one for each shard, ordered by name. Its text is the second format
/// of a <see cref="ConsistencyToken"/>.
/// </summary>
internal sealed class ShardPositions : IEquatable<ShardPositions>
{
    /// <summary>The first character of the text, which no token of the first format has.</summary>
    public const char FirstCharacter = '.';

    private const byte FormatVersion = 2;
    private const int MaxNameBytes = 32;
    private const int MaxShards = 1_000;
    private const int MaxNumberBytes = 9;
    private const int MaxBytes = 1 + (MaxShards * (1 + MaxNameBytes + (2 * MaxNumberBytes)));

    private ShardPositions(ImmutableArray<ShardPosition> all) => All = all;

    public ImmutableArray<ShardPosition> All { get; }

    /// <summary>Creates an object. The positions have different shards.</summary>
    public static ShardPositions Of(IEnumerable<ShardPosition> positions) =>
        new([.. positions.OrderBy(static one => one.Shard, StringComparer.Ordinal)]);

    /// <summary>Returns the later position of each shard that either object contains.</summary>
    public static ShardPositions Latest(ShardPositions one, ShardPositions other) =>
        Of(one.All.Concat(other.All)
            .GroupBy(static position => position.Shard, StringComparer.Ordinal)
            .Select(static same => same.MaxBy(static position => (position.LogEpoch, position.Position))));

    /// <summary>Returns the position in a shard; null if there is none.</summary>
    public ShardPosition? Find(string shard)
    {
        foreach (var position in All)
        {
            if (position.Shard == shard)
                return position;
        }
        return null;
    }

    /// <summary>Parses a text; null if it is not valid.</summary>
    public static ShardPositions? TryParse(string text)
    {
        if (text.Length < 2 || text[0] != FirstCharacter || text.Length - 1 > Base64Url.GetEncodedLength(MaxBytes))
            return null;
        var bytes = new byte[Base64Url.GetMaxDecodedLength(text.Length - 1)];
        var status = Base64Url.DecodeFromChars(text.AsSpan(1), bytes, out _, out var written);
        return status == OperationStatus.Done && written > 0 && bytes[0] == FormatVersion
            ? Read(bytes.AsSpan(1, written - 1))
            : null;
    }

    public bool Equals(ShardPositions? other) => other is not null && All.AsSpan().SequenceEqual(other.All.AsSpan());

    public override bool Equals(object? obj) => Equals(obj as ShardPositions);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var position in All)
            hash.Add(position);
        return hash.ToHashCode();
    }

    public override string ToString()
    {
        var bytes = new List<byte>(1 + (All.Length * 24)) { FormatVersion };
        foreach (var position in All)
        {
            var name = Encoding.UTF8.GetBytes(position.Shard);
            bytes.Add((byte)name.Length);
            bytes.AddRange(name);
            Write(bytes, position.LogEpoch);
            Write(bytes, position.Position);
        }
        return FirstCharacter + Base64Url.EncodeToString([.. bytes]);
    }

    private static ShardPositions? Read(ReadOnlySpan<byte> bytes)
    {
        var all = ImmutableArray.CreateBuilder<ShardPosition>();
        while (bytes.Length > 0)
        {
            int length = bytes[0];
            if (length > MaxNameBytes || bytes.Length <= length || all.Count == MaxShards)
                return null;
            var name = Encoding.UTF8.GetString(bytes.Slice(1, length));
            bytes = bytes[(1 + length)..];
            if (!TryRead(ref bytes, out var epoch) || !TryRead(ref bytes, out var position) || epoch < 1)
                return null;
            if (all.Count > 0 && string.CompareOrdinal(all[^1].Shard, name) >= 0)
                return null; // Not in order, or twice.
            all.Add(new ShardPosition(name, epoch, position));
        }
        return all.Count == 0 ? null : new ShardPositions(all.ToImmutable());
    }

    /// <summary>Writes a number that is not negative, seven bits in each byte, lowest first.</summary>
    private static void Write(List<byte> bytes, long number)
    {
        for (; number >= 0x80; number >>= 7)
            bytes.Add((byte)(number | 0x80));
        bytes.Add((byte)number);
    }

    private static bool TryRead(ref ReadOnlySpan<byte> bytes, out long number)
    {
        number = 0;
        for (var index = 0; index < bytes.Length && index < 9; index++) // 9 bytes have 63 bits: never negative.
        {
            number |= (long)(bytes[index] & 0x7F) << (7 * index);
            if (bytes[index] >= 0x80)
                continue;
            bytes = bytes[(index + 1)..];
            return true;
        }
        return false;
    }
}
