using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Millrace;

/// <summary>
/// Makes ids of version 7, which begin with the time, finer than its milliseconds (RFC 9562, 6.2, method 3): those of
/// events that follow each other at once stand in their order, at the end of an index. What is random in them is asked
/// of the system for many at a time: to ask for each takes longer than everything else about it.
/// </summary>
internal static class EventIds
{
    private const int RandomBytes = 8;
    private const int Fractions = 1 << 12; // Of a millisecond.
    private const int Together = 128;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _left;

    /// <summary>Makes an id of a time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time lies before 1970.</exception>
    public static Guid New(DateTimeOffset time)
    {
        var milliseconds = time.ToUnixTimeMilliseconds();
        ArgumentOutOfRangeException.ThrowIfNegative(milliseconds, nameof(time));
        Span<byte> id = stackalloc byte[16];
        var fraction = time.UtcTicks % TimeSpan.TicksPerMillisecond * Fractions / TimeSpan.TicksPerMillisecond;
        BinaryPrimitives.WriteInt64BigEndian(id, (milliseconds << 16) | 0x7000 | fraction);
        AddRandom(id[8..]);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return new Guid(id, bigEndian: true);
    }

    private static void AddRandom(Span<byte> target)
    {
        _random ??= new byte[RandomBytes * Together];
        if (_left == 0)
        {
            RandomNumberGenerator.Fill(_random);
            _left = Together;
        }
        _left--;
        _random.AsSpan(_left * RandomBytes, RandomBytes).CopyTo(target);
    }
}
