using System.Buffers.Binary;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Reads the rows that <c>COPY … TO STDOUT (FORMAT binary)</c> sends. Compared with a query, the driver does no work
/// for each column, and the server does not pack the columns into one record.
/// </summary>
internal sealed class CopyRowReader(Stream from)
{
    private const int HeadBytes = 19; // Signature, flags, and the length of the extension, which is empty.
    // A server message holds one row, and a read returns at most one message.
    private const int MinFreeBytes = 2 * 1024;

    private readonly RowBuffer _memory = new();
    private int _next = HeadBytes;
    private int _missing = HeadBytes;

    /// <summary>The memory block with the current row.</summary>
    public byte[] Piece => _memory.Piece;

    /// <summary>The offset of the current row in the block.</summary>
    public int Start => _memory.Start;

    /// <summary>Gets whether all rows have been read.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>
    /// Finds the next row in the received data. Returns false when more data must be read, or when there are no more
    /// rows.
    /// </summary>
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

    /// <summary>Reads more data, as much as the server has sent of the next row.</summary>
    public async ValueTask Fill(CancellationToken cancellationToken)
    {
        var hasHeader = _memory.End >= _next;
        if (hasHeader)
            _memory.StartAt(_next);
        var room = _memory.Reserve(Math.Max(_missing, MinFreeBytes));
        if (hasHeader)
            _next = _memory.Start;
        var read = await from.ReadAsync(room, cancellationToken).ConfigureAwait(false);
        if (read == 0)
            throw new StorageException("The server's response ended early.", StorageProblem.Unavailable);
        _memory.Advance(read);
    }

    /// <summary>Reads the server's response after the last row, so that the connection can be used again.</summary>
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
