using System.Buffers.Binary;
using Millrace.Storage;

namespace Millrace.PostgreSql.Log;

/// <summary>
/// Reads the rows that <c>COPY … TO STDOUT (FORMAT binary)</c> sends. Compared with a query, the driver does no work
/// for each column, and the server does not pack the columns into one record.
/// </summary>
internal sealed class CopyRowReader(Stream source)
{
    private const int HeadBytes = 19; // Signature, flags, and the length of the extension, which is empty.
    // A server message holds one row, and a read returns at most one message.
    private const int MinFreeBytes = 2 * 1024;

    private readonly RowBuffer _memory = new();
    private int _next = HeadBytes;
    private int _missing = HeadBytes;

    /// <summary>The memory block with the current row.</summary>
    public byte[] Block => _memory.Block;

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
        var written = _memory.Block.AsSpan(0, _memory.End);
        var offset = _next;
        if (IsComplete || !Has(written, offset, RowFields.CountBytes))
            return false;
        var fields = BinaryPrimitives.ReadInt16BigEndian(written[offset..]);
        if (fields < 0)
        {
            IsComplete = true;
            return false;
        }
        offset += RowFields.CountBytes;
        for (var i = 0; i < fields; i++)
        {
            if (!Has(written, offset, RowFields.LengthBytes))
                return false;
            var length = Math.Max(BinaryPrimitives.ReadInt32BigEndian(written[offset..]), 0);
            offset += RowFields.LengthBytes;
            if (!Has(written, offset, length))
                return false;
            offset += length;
        }
        _memory.StartAt(_next);
        _next = offset;
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
        var read = await source.ReadAsync(room, cancellationToken).ConfigureAwait(false);
        if (read == 0)
            throw new StorageException("The server's response ended early.", StorageProblem.Unavailable);
        _memory.Advance(read);
    }

    /// <summary>Reads the server's response after the last row, so that the connection can be used again.</summary>
    public async ValueTask End(CancellationToken cancellationToken)
    {
        while (await source.ReadAsync(_memory.Reserve(MinFreeBytes), cancellationToken).ConfigureAwait(false) > 0)
            continue;
    }

    private bool Has(ReadOnlySpan<byte> written, int offset, int length)
    {
        _missing = offset + length - written.Length;
        return _missing <= 0;
    }
}
