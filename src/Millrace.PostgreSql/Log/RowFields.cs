using System.Buffers.Binary;
using System.Text;
using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>
/// The fields of a row as <c>COPY</c> writes them in its binary form, one after the other: length (-1 for null) and
/// bytes of each.
/// </summary>
internal ref struct RowFields(byte[] piece, int start)
{
    /// <summary>The number of fields, which stands before them.</summary>
    public const int CountBytes = 2;

    /// <summary>The length of a field, which stands before it.</summary>
    public const int LengthBytes = 4;

    private const int ArrayHeadBytes = 12; // Dimensions, whether there are nulls, type of the elements.
    private const int DimensionBytes = 8; // Size, first index.

    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly byte[] _piece = piece;
    private int _next = start + CountBytes;

    public static StorageException Damaged() =>
        new("A row of the log lacks a value that every event has.", StorageProblem.Damaged);

    /// <summary>The bytes of the next field; of null, none.</summary>
    public ReadOnlySpan<byte> Next() => TryNext(out var start, out var length) ? _piece.AsSpan(start, length) : default;

    /// <summary>The same bytes, without a copy.</summary>
    public ReadOnlyMemory<byte> Slice() =>
        TryNext(out var start, out var length) ? _piece.AsMemory(start, length) : default;

    /// <summary>The same bytes; null where there is a null.</summary>
    public ReadOnlyMemory<byte>? FindSlice() =>
        TryNext(out var start, out var length) ? _piece.AsMemory(start, length) : default(ReadOnlyMemory<byte>?);

    /// <summary>The elements of the next field, an array of one dimension: written as fields are.</summary>
    public RowFields Elements(out int count)
    {
        count = 0;
        if (!TryNext(out var start, out _) || BinaryPrimitives.ReadInt32BigEndian(_piece.AsSpan(start)) == 0)
            return default;
        count = BinaryPrimitives.ReadInt32BigEndian(_piece.AsSpan(start + ArrayHeadBytes));
        return new RowFields(_piece, start + ArrayHeadBytes + DimensionBytes - CountBytes);
    }

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Next());

    public long? FindInt64() =>
        TryNext(out var start, out _) ? BinaryPrimitives.ReadInt64BigEndian(_piece.AsSpan(start)) : null;

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Next());

    public Guid? Guid() =>
        TryNext(out var start, out var length) ? new Guid(_piece.AsSpan(start, length), bigEndian: true) : null;

    /// <summary>A moment, which is stored in microseconds.</summary>
    public DateTimeOffset Time() => Epoch.AddTicks(Int64() * TimeSpan.TicksPerMicrosecond);

    public string? FindText() =>
        TryNext(out var start, out var length) ? StringPool.Of(_piece.AsSpan(start, length)) : null;

    /// <summary>Tags, from an array of texts of one dimension.</summary>
    public IReadOnlyList<Tag> Tags()
    {
        var array = Next();
        if (array.IsEmpty || BinaryPrimitives.ReadInt32BigEndian(array) == 0)
            return [];
        var tags = new Tag[BinaryPrimitives.ReadInt32BigEndian(array[ArrayHeadBytes..])];
        var rest = array[(ArrayHeadBytes + DimensionBytes)..];
        for (var i = 0; i < tags.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            tags[i] = Tag.Parse(Encoding.UTF8.GetString(rest.Slice(LengthBytes, length)));
            rest = rest[(LengthBytes + length)..];
        }
        return Array.AsReadOnly(tags);
    }

    private bool TryNext(out int start, out int length)
    {
        length = BinaryPrimitives.ReadInt32BigEndian(_piece.AsSpan(_next));
        start = _next + LengthBytes;
        _next = start + Math.Max(length, 0);
        return length >= 0;
    }
}
