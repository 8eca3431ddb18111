namespace Millrace.Redis.Tests;

/// <summary>Bytes that come in pieces, as they do over a network, and then end.</summary>
internal sealed class ChunkedStream(byte[] bytes, IReadOnlyList<int> pieces) : Stream
{
    private int _at;
    private int _piece;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var piece = pieces.Count == 0 ? int.MaxValue : Math.Max(1, pieces[_piece++ % pieces.Count]);
        var some = Math.Min(Math.Min(count, piece), bytes.Length - _at);
        bytes.AsSpan(_at, some).CopyTo(buffer.AsSpan(offset));
        _at += some;
        return some;
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var piece = new byte[buffer.Length];
        var count = Read(piece, 0, piece.Length);
        piece.AsSpan(0, count).CopyTo(buffer.Span);
        return new(count);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
