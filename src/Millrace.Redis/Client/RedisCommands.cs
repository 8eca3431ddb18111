using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Millrace.Redis;

/// <summary>Commands to be sent together, as their bytes. Whoever sends them gives the memory back.</summary>
internal sealed class RedisCommands : IDisposable
{
    private const int FirstBytes = 4 * 1024;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _length;

    /// <summary>How many there are, and so how many answers will come.</summary>
    public int Count { get; private set; }

    public int Length => _length;

    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>One command.</summary>
    public static RedisCommands Of(params ReadOnlySpan<string> arguments)
    {
        var commands = new RedisCommands();
        commands.Begin(arguments.Length);
        foreach (var argument in arguments)
            commands.Add(argument);
        return commands;
    }

    /// <summary>Begins a command of so many arguments, its name among them.</summary>
    public RedisCommands Begin(int arguments)
    {
        Count++;
        AddNumber((byte)'*', arguments);
        return this;
    }

    public RedisCommands Add(string argument)
    {
        var length = Encoding.UTF8.GetByteCount(argument);
        AddNumber((byte)'$', length);
        Encoding.UTF8.GetBytes(argument, Room(length));
        return End(length);
    }

    public RedisCommands Add(ReadOnlySpan<byte> argument)
    {
        AddNumber((byte)'$', argument.Length);
        argument.CopyTo(Room(argument.Length));
        return End(argument.Length);
    }

    public RedisCommands Add(long argument)
    {
        Span<byte> digits = stackalloc byte[20];
        Utf8Formatter.TryFormat(argument, digits, out var length);
        return Add(digits[..length]);
    }

    public RedisCommands Add(EntryId argument) => Add(argument.ToString());

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void AddNumber(byte kind, long number)
    {
        var room = Room(24);
        room[0] = kind;
        Utf8Formatter.TryFormat(number, room[1..], out var digits);
        End(digits + 1);
    }

    private RedisCommands End(int length)
    {
        _length += length;
        "\r\n"u8.CopyTo(_bytes.AsSpan(_length));
        _length += 2;
        return this;
    }

    /// <summary>Room for so many bytes and the end of a line.</summary>
    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length + 2)
        {
            var larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(_length + length + 2L, _bytes.Length * 2L)));
            _bytes.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_bytes);
            _bytes = larger;
        }
        return _bytes.AsSpan(_length, length + 2);
    }
}
