using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Millrace.Events;

/// <summary>
/// Creates version 7 ids. The ids start with the time in fractions of a millisecond (RFC 9562, 6.2, method 3). So the
/// ids of consecutive events are in order and are added at the end of an index. This class requests random bytes from
/// the system in batches, because a request per id would take longer than all other steps.
/// </summary>
internal static class EventIds
{
    private const int RandomBytes = 8;
    private const int Fractions = 1 << 12; // The number of fractions of a millisecond.
    private const int BatchedIds = 128;

    [ThreadStatic]
    private static byte[]? _random;

    [ThreadStatic]
    private static int _remaining;

    /// <summary>Creates an id for a time.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The time is before 1970.</exception>
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
        _random ??= new byte[RandomBytes * BatchedIds];
        if (_remaining == 0)
        {
            RandomNumberGenerator.Fill(_random);
            _remaining = BatchedIds;
        }
        _remaining--;
        _random.AsSpan(_remaining * RandomBytes, RandomBytes).CopyTo(target);
    }
}
