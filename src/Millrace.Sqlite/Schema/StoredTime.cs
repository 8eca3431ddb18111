namespace Millrace.Sqlite;

/// <summary>Instants as they are stored: microseconds since 1970.</summary>
internal static class StoredTime
{
    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>The first microsecond that is not before an instant.</summary>
    public static long ToMicrosecondsUp(DateTimeOffset time)
    {
        var (microseconds, rest) = Math.DivRem(
            time.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.TicksPerMicrosecond);
        return rest > 0 ? microseconds + 1 : microseconds;
    }

    public static DateTimeOffset FromMicroseconds(long microseconds) =>
        new((microseconds * TimeSpan.TicksPerMicrosecond) + DateTimeOffset.UnixEpoch.UtcTicks, TimeSpan.Zero);
}
