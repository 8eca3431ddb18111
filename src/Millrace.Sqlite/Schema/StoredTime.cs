namespace Millrace.Sqlite.Schema;

/// <summary>Converts instants to their stored form: microseconds since 1970.</summary>
internal static class StoredTime
{
    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>Rounds an instant up to microseconds.</summary>
    public static long ToMicrosecondsUp(DateTimeOffset time)
    {
        var (microseconds, rest) = Math.DivRem(
            time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.TicksPerMicrosecond);
        return rest > 0 ? microseconds + 1 : microseconds;
    }

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new((microseconds * TimeSpan.TicksPerMicrosecond) + DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.Zero);
}
