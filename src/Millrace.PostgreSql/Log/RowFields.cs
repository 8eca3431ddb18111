using System.Buffers.Binary;
using System.Text;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// The fields of a row in the binary format of <c>COPY</c>: the length (-1 for null) and the bytes of each field.
/// </summary>
internal ref struct RowFields(byte[] block, int start)
{
    /// <summary>The size of the field count before the fields.</summary>
    public const int CountBytes = 2;

    /// <summary>The size of the length before each field.</summary>
    public const int LengthBytes = 4;

    private const int ArrayHeadBytes = 12; // Number of dimensions, null flag, element type.
    private const int DimensionBytes = 8; // Size and first index.

    private static readonly DateTimeOffset Epoch = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly byte[] _block = block;
    private int _next = start + CountBytes;

    public static StorageException Damaged() =>
        new("A row of the log lacks a required value.", StorageProblem.Damaged);

    /// <summary>Returns the bytes of the next field; empty for null.</summary>
    public ReadOnlySpan<byte> Next() => TryNext(out var start, out var length) ? _block.AsSpan(start, length) : default;

    /// <summary>Returns the bytes of the next field without a copy.</summary>
    public ReadOnlyMemory<byte> Slice() =>
        TryNext(out var start, out var length) ? _block.AsMemory(start, length) : default;

    /// <summary>Returns the bytes of the next field without a copy; null for a null field.</summary>
    public ReadOnlyMemory<byte>? FindSlice() =>
        TryNext(out var start, out var length) ? _block.AsMemory(start, length) : default(ReadOnlyMemory<byte>?);

    /// <summary>
    /// Returns the elements of the next field, a one-dimensional array. Elements have the same format as fields.
    /// </summary>
    public RowFields Elements(out int count)
    {
        count = 0;
        if (!TryNext(out var start, out _) || BinaryPrimitives.ReadInt32BigEndian(_block.AsSpan(start)) == 0)
            return default;
        count = BinaryPrimitives.ReadInt32BigEndian(_block.AsSpan(start + ArrayHeadBytes));
        return new RowFields(_block, start + ArrayHeadBytes + DimensionBytes - CountBytes);
    }

    public long Int64() => BinaryPrimitives.ReadInt64BigEndian(Next());

    public long? FindInt64() =>
        TryNext(out var start, out _) ? BinaryPrimitives.ReadInt64BigEndian(_block.AsSpan(start)) : null;

    public int Int32() => BinaryPrimitives.ReadInt32BigEndian(Next());

    public Guid? Guid() =>
        TryNext(out var start, out var length) ? new Guid(_block.AsSpan(start, length), bigEndian: true) : null;

    /// <summary>Reads a time, which is stored in microseconds.</summary>
    public DateTimeOffset Time() => Epoch.AddTicks(Int64() * TimeSpan.TicksPerMicrosecond);

    public string? FindText() =>
        TryNext(out var start, out var length) ? StringPool.Of(_block.AsSpan(start, length)) : null;

    /// <summary>Reads tags from a one-dimensional array of texts.</summary>
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
        length = BinaryPrimitives.ReadInt32BigEndian(_block.AsSpan(_next));
        start = _next + LengthBytes;
        _next = start + Math.Max(length, 0);
        return length >= 0;
    }
}
