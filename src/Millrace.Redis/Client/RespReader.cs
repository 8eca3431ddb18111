using System.Buffers.Text;

namespace Millrace.Redis;

/// <summary>
/// Reads the answers of a server, in RESP2, one after the other. Whatever comes is an answer or a <see cref="RedisLostException"/>: sizes,
/// depth and number of values have limits, and memory is taken as bytes come, not as they are announced.
/// </summary>
internal sealed class RespReader(Stream stream, long mostBytes)
{
    /// <summary>The most values of one answer.</summary>
    public const int MostValues = 1_000_000;

    /// <summary>How deep lists of one answer lie in each other; those of streams do four deep.</summary>
    public const int MostDepth = 8;

    /// <summary>The most bytes of a line: of a number, a text or an error.</summary>
    public const int MostLineBytes = 64 * 1024;

    private const int GrowBytes = 1024 * 1024;

    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;
    private long _leftBytes;
    private int _leftValues;

    /// <summary>Waits for an answer and reads it.</summary>
    /// <exception cref="RedisLostException">The connection has ended, or what came is no answer.</exception>
    public ValueTask<RespValue> Read(CancellationToken cancellationToken)
    {
        (_leftBytes, _leftValues) = (mostBytes, MostValues);
        return ReadValue(0, cancellationToken);
    }

    private async ValueTask<RespValue> ReadValue(int depth, CancellationToken cancellationToken)
    {
        if (--_leftValues < 0)
            throw RedisLostException.Odd($"an answer has more than {MostValues:N0} values");
        var (start, length) = await ReadLine(cancellationToken).ConfigureAwait(false);
        if (length == 0)
            throw RedisLostException.Odd("an answer begins with an empty line");
        var kind = _buffer[start];
        switch (kind)
        {
            case (byte)'+': return new RespValue(RespKind.Simple, Bytes: Line(start + 1, length - 1).ToArray());
            case (byte)'-': return new RespValue(RespKind.Error, Bytes: Line(start + 1, length - 1).ToArray());
            case (byte)':': return new RespValue(RespKind.Integer, Number(Line(start + 1, length - 1)));
        }
        if (kind is not ((byte)'$' or (byte)'*'))
            throw RedisLostException.Odd($"an answer begins with byte {kind}");
        var count = Number(Line(start + 1, length - 1));
        if (count == -1)
            return default;
        if (count < 0)
            throw RedisLostException.Odd($"a length is {count}");
        return kind == (byte)'$'
            ? await ReadBulk(count, cancellationToken).ConfigureAwait(false)
            : await ReadItems(count, depth + 1, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<RespValue> ReadBulk(long length, CancellationToken cancellationToken)
    {
        if (length > _leftBytes)
            throw RedisLostException.Odd($"an answer has more than {mostBytes:N0} bytes");
        _leftBytes -= length;
        var bytes = new byte[Math.Min(length, GrowBytes)];
        for (var filled = 0; filled < length;)
        {
            if (filled == bytes.Length)
                Array.Resize(ref bytes, (int)Math.Min(length, bytes.Length * 2L));
            if (_start == _end)
                await Fill(cancellationToken).ConfigureAwait(false);
            var some = Math.Min(_end - _start, bytes.Length - filled);
            _buffer.AsSpan(_start, some).CopyTo(bytes.AsSpan(filled));
            (_start, filled) = (_start + some, filled + some);
        }
        var (_, rest) = await ReadLine(cancellationToken).ConfigureAwait(false);
        return rest == 0 ? new RespValue(RespKind.Bulk, Bytes: bytes) : throw RedisLostException.Odd("a text is longer than it said");
    }

    private async ValueTask<RespValue> ReadItems(long count, int depth, CancellationToken cancellationToken)
    {
        if (depth > MostDepth)
            throw RedisLostException.Odd($"lists lie more than {MostDepth} deep");
        if (count > _leftValues)
            throw RedisLostException.Odd($"an answer has more than {MostValues:N0} values");
        var items = new List<RespValue>((int)Math.Min(count, 1024));
        for (var i = 0L; i < count; i++)
            items.Add(await ReadValue(depth, cancellationToken).ConfigureAwait(false));
        return new RespValue(RespKind.Array, Items: [.. items]);
    }

    /// <summary>Reads up to the next end of a line: where it stands in the buffer until more is read.</summary>
    private async ValueTask<(int Start, int Length)> ReadLine(CancellationToken cancellationToken)
    {
        var searched = 0;
        while (true)
        {
            var at = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var (start, length) = (_start, searched + at);
                _start += length + 1;
                _leftBytes -= length + 1;
                if (length == 0 || _buffer[start + length - 1] != (byte)'\r')
                    throw RedisLostException.Odd("a line does not end as one");
                if (_leftBytes < 0)
                    throw RedisLostException.Odd($"an answer has more than {mostBytes:N0} bytes");
                return (start, length - 1);
            }
            searched = _end - _start;
            if (searched > MostLineBytes)
                throw RedisLostException.Odd($"a line has more than {MostLineBytes:N0} bytes");
            await Fill(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Reads more, behind what is left.</summary>
    private async ValueTask Fill(CancellationToken cancellationToken)
    {
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2); // Within MostLineBytes: only a line is left in it.
        var come = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        if (come == 0)
            throw new RedisLostException("it has closed the connection.");
        _end += come;
    }

    private ReadOnlySpan<byte> Line(int start, int length) => _buffer.AsSpan(start, length);

    private static long Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out var used) && used == text.Length
            ? number
            : throw RedisLostException.Odd("a number is none");
}
