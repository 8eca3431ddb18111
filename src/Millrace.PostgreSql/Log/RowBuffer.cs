using System.Buffers.Binary;
using Npgsql;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// A memory block that receives consecutive rows in the format of <c>COPY</c>: the number of fields, then the length
/// (-1 for null) and the bytes of each field. Events keep a reference to the block, instead of an array each.
/// </summary>
/// <param name="expectedBytes">The expected total size. The block is only slightly larger.</param>
internal sealed class RowBuffer(int expectedBytes = 0)
{
    private const int MinBytes = 1024;
    private const int MaxBytes = 64 * 1024; // A larger block holds only the row that requires it.
    private const int MinFreeBytes = 256; // For a field whose length is not yet known.

    private int _expected = expectedBytes;
    private int _next = MinBytes;

    /// <summary>The memory block that contains the current row.</summary>
    public byte[] Block { get; private set; } = [];

    /// <summary>The offset of the current row.</summary>
    public int Start { get; private set; }

    /// <summary>The end of the written bytes.</summary>
    public int End { get; private set; }

    /// <summary>The total size of all copied rows, in bytes.</summary>
    public int Copied { get; private set; }

    /// <summary>
    /// Returns free memory after the written bytes, of at least the given size. The current row may move to another
    /// block.
    /// </summary>
    public Memory<byte> Reserve(int minBytes)
    {
        if (Block.Length - End < minBytes)
        {
            var currentRow = Block.AsSpan(Start, End - Start);
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(NextBytes(), currentRow.Length + minBytes));
            currentRow.CopyTo(larger);
            Block = larger;
            Start = 0;
            End = currentRow.Length;
        }
        return Block.AsMemory(End);
    }

    /// <summary>Records that bytes were written.</summary>
    public void Advance(int bytes) => End += bytes;

    /// <summary>Starts the next row.</summary>
    public void StartAt(int start) => Start = start;

    /// <summary>Copies the first fields of a reader's row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="fields">The number of fields.</param>
    /// <param name="nullable">The fields that may be null, as a bit mask. Each of them costs an additional null
    /// check.</param>
    public void Copy(NpgsqlDataReader row, int fields, int nullable)
    {
        Start = End;
        BinaryPrimitives.WriteInt16BigEndian(Reserve(RowFields.CountBytes).Span, (short)fields);
        End += RowFields.CountBytes;
        for (var i = 0; i < fields; i++)
        {
            if ((nullable & (1 << i)) != 0 && row.IsDBNull(i))
                WriteLength(-1);
            else
                CopyField(row, i);
        }
        Copied += End - Start;
    }

    /// <summary>
    /// Returns the size of the next block: the rest of the expected bytes, or a size that grows up to a limit.
    /// </summary>
    private int NextBytes()
    {
        var next = Math.Min(_expected, MaxBytes);
        _expected -= next;
        if (next >= MinBytes)
            return next;
        next = _next;
        _next = Math.Min(_next * 2, MaxBytes);
        return next;
    }

    private void CopyField(NpgsqlDataReader row, int field)
    {
        Reserve(RowFields.LengthBytes + MinFreeBytes);
        var offset = End + RowFields.LengthBytes;
        var length = (int)row.GetBytes(field, 0, Block, offset, Block.Length - offset);
        if (length == Block.Length - offset) // The field may continue.
        {
            length = (int)row.GetBytes(field, 0, null, 0, 0);
            Reserve(RowFields.LengthBytes + length);
            offset = End + RowFields.LengthBytes;
            row.GetBytes(field, 0, Block, offset, length);
        }
        WriteLength(length);
        End += length;
    }

    private void WriteLength(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(Reserve(RowFields.LengthBytes).Span, length);
        End += RowFields.LengthBytes;
    }
}
