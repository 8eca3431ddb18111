using System.Buffers.Binary;
using Npgsql;

namespace Millrace.PostgreSql;

/// <summary>
/// Memory that rows are read into one behind the other, each as <c>COPY</c> writes it: the number of its fields, then length (-1 for null)
/// and bytes of each. Their events keep it, instead of an array for each.
/// </summary>
internal sealed class RowMemory
{
    private const int FirstBytes = 1024;
    private const int MostBytes = 64 * 1024; // A larger piece has none but the row that needs it.

    private int _next = FirstBytes;

    /// <summary>The piece that holds the row in hand.</summary>
    public byte[] Piece { get; private set; } = [];

    /// <summary>Where the row in hand begins.</summary>
    public int Start { get; private set; }

    /// <summary>Where what was written ends.</summary>
    public int End { get; private set; }

    /// <summary>Room for at least so many bytes behind what was written; the begun row may move for it.</summary>
    public Memory<byte> Room(int least)
    {
        if (Piece.Length - End < least)
        {
            var begun = Piece.AsSpan(Start, End - Start);
            var larger = GC.AllocateUninitializedArray<byte>(Math.Max(_next, begun.Length + least));
            begun.CopyTo(larger);
            (Piece, Start, End) = (larger, 0, begun.Length);
            _next = Math.Min(_next * 4, MostBytes);
        }
        return Piece.AsMemory(End);
    }

    /// <summary>Says that bytes were written.</summary>
    public void Wrote(int bytes) => End += bytes;

    /// <summary>Begins the next row.</summary>
    public void BeginAt(int start) => Start = start;

    /// <summary>Copies the first fields of a reader's row.</summary>
    public void Copy(NpgsqlDataReader row, int fields)
    {
        Start = End;
        BinaryPrimitives.WriteInt16BigEndian(Room(RowFields.CountBytes).Span, (short)fields);
        End += RowFields.CountBytes;
        for (var i = 0; i < fields; i++)
        {
            var length = row.IsDBNull(i) ? -1 : (int)row.GetBytes(i, 0, null, 0, 0);
            BinaryPrimitives.WriteInt32BigEndian(Room(RowFields.LengthBytes + Math.Max(length, 0)).Span, length);
            End += RowFields.LengthBytes;
            if (length > 0)
                End += (int)row.GetBytes(i, 0, Piece, End, length);
        }
    }
}
