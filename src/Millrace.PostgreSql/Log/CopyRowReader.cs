using System.Buffers.Binary;
using Millrace.Storage;

namespace Millrace.PostgreSql;

/// <summary>
/// The rows that <c>COPY … TO STDOUT (FORMAT binary)</c> writes. What the driver does for each column of a row is not
/// done, and the server makes no row out of the columns.
/// </summary>
internal sealed class CopyRowReader(Stream from)
{
    private const int HeadBytes = 19; // Signature, flags, length of an extension, which there is not.
    // A message of the server holds one row, and a read no more than a message.
    private const int MinFreeBytes = 2 * 1024;

    private readonly RowBuffer _memory = new();
    private int _next = HeadBytes;
    private int _missing = HeadBytes;

    /// <summary>The piece of memory with the row that was found last.</summary>
    public byte[] Piece => _memory.Piece;

    /// <summary>Where in the piece that row begins.</summary>
    public int Start => _memory.Start;

    /// <summary>Whether there are no more.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Finds the next row among what was read; false when more has to be read, or there are no more.</summary>
    public bool TryNext()
    {
        var written = _memory.Piece.AsSpan(0, _memory.End);
        var at = _next;
        if (IsComplete || !Has(written, at, RowFields.CountBytes))
            return false;
        var fields = BinaryPrimitives.ReadInt16BigEndian(written[at..]);
        if (fields < 0)
        {
            IsComplete = true;
            return false;
        }
        at += RowFields.CountBytes;
        for (var i = 0; i < fields; i++)
        {
            if (!Has(written, at, RowFields.LengthBytes))
                return false;
            var length = Math.Max(BinaryPrimitives.ReadInt32BigEndian(written[at..]), 0);
            at += RowFields.LengthBytes;
            if (!Has(written, at, length))
                return false;
            at += length;
        }
        _memory.StartAt(_next);
        _next = at;
        return true;
    }

    /// <summary>Reads more of the rows, as much as the server has sent of the next one.</summary>
    public async ValueTask Fill(CancellationToken cancellationToken)
    {
        var hasBegun = _memory.End >= _next; // Else the head is not whole yet.
        if (hasBegun)
            _memory.StartAt(_next);
        var room = _memory.Reserve(Math.Max(_missing, MinFreeBytes));
        if (hasBegun)
            _next = _memory.Start;
        var read = await from.ReadAsync(room, cancellationToken).ConfigureAwait(false);
        if (read == 0)
            throw new StorageException("The server ended its answer before it was whole.", StorageProblem.Unavailable);
        _memory.Advance(read);
    }

    /// <summary>Reads what the server says behind the last row, so that the connection can be used for something
    /// else.</summary>
    public async ValueTask End(CancellationToken cancellationToken)
    {
        while (await from.ReadAsync(_memory.Reserve(MinFreeBytes), cancellationToken).ConfigureAwait(false) > 0)
            continue;
    }

    private bool Has(ReadOnlySpan<byte> written, int at, int length)
    {
        _missing = at + length - written.Length;
        return _missing <= 0;
    }
}
