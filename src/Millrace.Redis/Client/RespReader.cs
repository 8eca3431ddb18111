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
    private const int MostAtOnce = 64; // Longer lists are seldom here whole: their values are read one by one.

    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;
    private long _leftBytes;
    private int _leftValues;

    /// <summary>Waits for an answer and reads it.</summary>
    /// <exception cref="RedisLostException">The connection has ended, or what came is no answer.</exception>
    public ValueTask<RespValue> Read(CancellationToken cancellationToken)
    {
        (_leftBytes, _leftValues) = (mostBytes, MostValues);
        return TryTake(0, out var value) ? new(value) : ReadValue(0, cancellationToken);
    }

    private async ValueTask<RespValue> ReadValue(int depth, CancellationToken cancellationToken)
    {
        var (start, length) = await ReadLine(cancellationToken).ConfigureAwait(false);
        var isBulk = length > 0 && _buffer[start] == (byte)'$';
        if (IsWhole(Line(start, length), out var value, out var count))
            return value;
        return isBulk
            ? await ReadBulk(count, cancellationToken).ConfigureAwait(false)
            : await ReadItems(count, depth + 1, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes a value that is here whole, without any waiting; otherwise nothing is taken.</summary>
    private bool TryTake(int depth, out RespValue value)
    {
        var (start, bytes, values) = (_start, _leftBytes, _leftValues);
        if (TryTakeParts(depth, out value))
            return true;
        (_start, _leftBytes, _leftValues) = (start, bytes, values);
        return false;
    }

    private bool TryTakeParts(int depth, out RespValue value)
    {
        value = default;
        var end = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
        if (end < 0)
            return false;
        var line = TakeLine(end);
        if (IsWhole(line, out value, out var count))
            return true;
        if (line[0] == (byte)'$')
            return TryTakeBulk(count, out value);
        RequireItems(count, depth + 1);
        if (count > MostAtOnce)
            return false;
        var items = new RespValue[count];
        for (var i = 0; i < items.Length; i++)
        {
            if (!TryTakeParts(depth + 1, out items[i]))
                return false;
        }
        value = new RespValue(RespKind.Array, Items: items);
        return true;
    }

    private bool TryTakeBulk(long length, out RespValue value)
    {
        value = default;
        RequireBytes(length);
        if (_end - _start < length + 2)
            return false;
        var bytes = _buffer.AsSpan(_start, (int)length).ToArray();
        if (!_buffer.AsSpan(_start + bytes.Length).StartsWith("\r\n"u8))
            throw TooLong();
        _start += bytes.Length + 2;
        _leftBytes -= length + 2;
        value = new RespValue(RespKind.Bulk, Bytes: bytes);
        return true;
    }

    /// <summary>Whether a line is all of a value; otherwise it says of how many bytes or values the rest is.</summary>
    private bool IsWhole(ReadOnlySpan<byte> line, out RespValue value, out long count)
    {
        (value, count) = (default, 0);
        if (--_leftValues < 0)
            throw TooMany();
        if (line.IsEmpty)
            throw RedisLostException.Odd("an answer begins with an empty line");
        var rest = line[1..];
        switch (line[0])
        {
            case (byte)'+': value = new RespValue(RespKind.Simple, Bytes: rest.ToArray()); return true;
            case (byte)'-': value = new RespValue(RespKind.Error, Bytes: rest.ToArray()); return true;
            case (byte)':': value = new RespValue(RespKind.Integer, Number(rest)); return true;
        }
        if (line[0] is not ((byte)'$' or (byte)'*'))
            throw RedisLostException.Odd($"an answer begins with byte {line[0]}");
        count = Number(rest);
        return count >= 0 ? false
            : count == -1 ? true
            : throw RedisLostException.Odd($"a length is {count}");
    }

    private void RequireBytes(long length)
    {
        if (length > _leftBytes)
            throw TooLarge();
    }

    private void RequireItems(long count, int depth)
    {
        if (depth > MostDepth)
            throw RedisLostException.Odd($"lists lie more than {MostDepth} deep");
        if (count > _leftValues)
            throw TooMany();
    }

    private async ValueTask<RespValue> ReadBulk(long length, CancellationToken cancellationToken)
    {
        RequireBytes(length);
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
        return rest == 0 ? new RespValue(RespKind.Bulk, Bytes: bytes) : throw TooLong();
    }

    private async ValueTask<RespValue> ReadItems(long count, int depth, CancellationToken cancellationToken)
    {
        RequireItems(count, depth);
        var items = new List<RespValue>((int)Math.Min(count, 1024));
        for (var i = 0L; i < count; i++)
            items.Add(TryTake(depth, out var here) ? here : await ReadValue(depth, cancellationToken).ConfigureAwait(false));
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
                var start = _start;
                return (start, TakeLine(searched + at).Length);
            }
            searched = _end - _start;
            if (searched > MostLineBytes)
                throw RedisLostException.Odd($"a line has more than {MostLineBytes:N0} bytes");
            await Fill(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the line that ends at so many bytes from here; it stands in the buffer until more is read.</summary>
    private ReadOnlySpan<byte> TakeLine(int end)
    {
        var line = Line(_start, end);
        _start += end + 1;
        _leftBytes -= end + 1;
        if (line.IsEmpty || line[^1] != (byte)'\r')
            throw RedisLostException.Odd("a line does not end as one");
        if (_leftBytes < 0)
            throw TooLarge();
        return line[..^1];
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

    private static RedisLostException TooMany() => RedisLostException.Odd($"an answer has more than {MostValues:N0} values");

    private static RedisLostException TooLong() => RedisLostException.Odd("a text is longer than it said");

    private RedisLostException TooLarge() => RedisLostException.Odd($"an answer has more than {mostBytes:N0} bytes");

    private ReadOnlySpan<byte> Line(int start, int length) => _buffer.AsSpan(start, length);

    private static long Number(ReadOnlySpan<byte> text) =>
        Utf8Parser.TryParse(text, out long number, out var used) && used == text.Length
            ? number
            : throw RedisLostException.Odd("a number is none");
}
