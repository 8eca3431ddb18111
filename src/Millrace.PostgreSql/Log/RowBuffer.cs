using System.Buffers.Binary;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Memory that rows are read into one behind the other, each as <c>COPY</c> writes it: the number of its fields, then
/// length (-1 for null) and bytes of each. Their events keep it, instead of an array for each.
/// </summary>
/// <param name="expectedBytes">How many bytes are reckoned with: there is room for as many, and little more.</param>
internal sealed class RowBuffer(int expectedBytes = 0)
{
    private const int MinBytes = 1024;
    private const int MaxBytes = 64 * 1024; // A larger piece has none but the row that needs it.
    private const int MinFreeBytes = 256; // For a field whose length is not known yet.

    private int _expected = expectedBytes;
    private int _next = MinBytes;

    /// <summary>The piece that holds the row in hand.</summary>
    public byte[] Piece { get; private set; } = [];

    /// <summary>Where the row in hand begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where what was written ends.</summary>
    public int End { get; private set; }

    /// <summary>How many bytes all copied rows have.</summary>
    public int Copied { get; private set; }

    /// <summary>Room for at least so many bytes behind what was written; the begun row may move for it.</summary>
    public Memory<byte> Reserve(int least)
    {
        if (Piece.Length - End < least)
        {
            var begun = Piece.AsSpan(Start, End - Start);
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(NextBytes(), begun.Length + least));
            begun.CopyTo(larger);
            (Piece, Start, End) = (larger, 0, begun.Length);
        }
        return Piece.AsMemory(End);
    }

    /// <summary>Says that bytes were written.</summary>
    public void Advance(int bytes) => End += bytes;

    /// <summary>Begins the next row.</summary>
    public void StartAt(int start) => Start = start;

    /// <summary>Copies the first fields of a reader's row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="fields">How many.</param>
    /// <param name="nullable">Which of them may be null, by their bits: each is asked once more than the
    /// others.</param>
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

    /// <summary>What is left of the bytes that were reckoned with; beyond them ever more, within a bound.</summary>
    private int NextBytes()
    {
        var next = Math.Min(_expected, MaxBytes);
        _expected -= next;
        if (next >= MinBytes)
            return next;
        (next, _next) = (_next, Math.Min(_next * 2, MaxBytes));
        return next;
    }

    private void CopyField(NpgsqlDataReader row, int field)
    {
        Reserve(RowFields.LengthBytes + MinFreeBytes);
        var at = End + RowFields.LengthBytes;
        var length = (int)row.GetBytes(field, 0, Piece, at, Piece.Length - at);
        if (length == Piece.Length - at) // There may be more of it.
        {
            length = (int)row.GetBytes(field, 0, null, 0, 0);
            Reserve(RowFields.LengthBytes + length);
            at = End + RowFields.LengthBytes;
            row.GetBytes(field, 0, Piece, at, length);
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
