using System.Buffers.Text;

namespace Millrace.Serialization;

/// <summary>
/// Reads and writes instants. An instant in UTC is written as whole seconds since 1970 (tag 1). An instant in UTC with
/// a fraction is written as a map of seconds and milli-, micro- or nanoseconds (tag 1001 of RFC 9581). An instant with
/// another offset is written as the same text as in JSON (tag 0).
/// </summary>
internal static class CborTime
{
    /// <summary>The maximum length of an instant's text, in bytes.</summary>
    public const int MaxTextLength = 33;

    private const long SecondsKey = 1;
    private const long MillisecondsKey = -3;
    private const long MicrosecondsKey = -6;
    private const long NanosecondsKey = -9;
    private const long NanosecondsPerTick = TimeSpan.NanosecondsPerTick;
    private const long TicksPerSecond = TimeSpan.TicksPerSecond;

    private static readonly long FirstSecond = DateTimeOffset.MinValue.ToUnixTimeSeconds();
    private static readonly long LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    public static void Write(ref CborWriter writer, DateTimeOffset value)
    {
        if (value.Offset != TimeSpan.Zero)
        {
            writer.WriteTag(CborTag.TimeText);
            WriteText(ref writer, value);
            return;
        }
        var seconds = value.ToUnixTimeSeconds();
        var ticks = value.Ticks - DateTimeOffset.UnixEpoch.Ticks - (seconds * TicksPerSecond);
        if (ticks == 0)
        {
            writer.WriteTag(CborTag.EpochTime);
            writer.WriteWhole(seconds);
            return;
        }
        writer.WriteTag(CborTag.ExtendedTime);
        writer.WriteHead(CborMajor.Map, 2);
        writer.WriteWhole(SecondsKey);
        writer.WriteWhole(seconds);
        var (key, fraction) = ticks switch
        {
            _ when ticks % TimeSpan.TicksPerMillisecond == 0 => (MillisecondsKey, ticks / TimeSpan.TicksPerMillisecond),
            _ when ticks % TimeSpan.TicksPerMicrosecond == 0 => (MicrosecondsKey, ticks / TimeSpan.TicksPerMicrosecond),
            _ => (NanosecondsKey, ticks * NanosecondsPerTick),
        };
        writer.WriteWhole(key);
        writer.WriteWhole(fraction);
    }

    /// <summary>Writes the same text as in JSON, without trailing zeros in the fraction.</summary>
    public static void WriteText(ref CborWriter writer, DateTimeOffset value)
    {
        Span<byte> text = stackalloc byte[MaxTextLength];
        Utf8Formatter.TryFormat(value, text, out var written, 'O');
        writer.WriteText(Trimmed(text[..written]));
    }

    /// <inheritdoc cref="WriteText(ref CborWriter, DateTimeOffset)"/>
    public static void WriteText(ref CborWriter writer, DateTime value)
    {
        Span<byte> text = stackalloc byte[MaxTextLength];
        Utf8Formatter.TryFormat(value, text, out var written, 'O');
        writer.WriteText(Trimmed(text[..written]));
    }

    /// <summary>
    /// Reads an instant in UTC that is a tagged number. If the method returns false, the reader's position is
    /// undefined.
    /// </summary>
    public static bool TryRead(ref CborReader reader, out DateTimeOffset value)
    {
        value = default;
        if (reader.Peek() >> 5 != CborMajor.Tag)
            return false;
        return reader.ReadHead().Argument switch
        {
            CborTag.EpochTime => TryReadSeconds(ref reader, out value),
            CborTag.ExtendedTime => TryReadExtended(ref reader, out value),
            _ => false,
        };
    }

    public static bool TryReadSeconds(ref CborReader reader, out DateTimeOffset value)
    {
        var isTime = CborRead.TryWhole(ref reader, FirstSecond, LastSecond, out var seconds);
        value = isTime ? DateTimeOffset.FromUnixTimeSeconds(seconds) : default;
        return isTime;
    }

    public static bool TryReadExtended(ref CborReader reader, out DateTimeOffset value)
    {
        value = default;
        if (!reader.TrySkip((CborMajor.Map << 5) | 2)
            || !CborRead.TryWhole(ref reader, SecondsKey, SecondsKey, out _)
            || !TryReadSeconds(ref reader, out var second)
            || !CborRead.TryWhole(ref reader, NanosecondsKey, MillisecondsKey, out var key))
            return false;
        var unitsPerSecond = key switch
        {
            MillisecondsKey => 1_000L,
            MicrosecondsKey => 1_000_000L,
            NanosecondsKey => 1_000_000_000L,
            _ => 0L,
        };
        if (!CborRead.TryWhole(ref reader, 0, unitsPerSecond - 1, out var fraction))
            return false;
        var nanoseconds = fraction * (1_000_000_000L / unitsPerSecond);
        value = second.AddTicks(nanoseconds / NanosecondsPerTick);
        return nanoseconds % NanosecondsPerTick == 0;
    }

    private static ReadOnlySpan<byte> Trimmed(Span<byte> text)
    {
        const int Point = 19; // After 2011-12-05T17:30:00.
        var end = Point + 8;
        var length = end;
        while (length > Point && text[length - 1] is (byte)'0' or (byte)'.')
        {
            length--;
            if (text[length] == (byte)'.')
                break;
        }
        text[end..].CopyTo(text[length..]);
        return text[..^(end - length)];
    }
}
