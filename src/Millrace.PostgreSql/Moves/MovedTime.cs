namespace Millrace.PostgreSql;

/// <summary>Instants as a move hands them over: microseconds since 1970, which is as fine as the database keeps
/// them.</summary>
internal static class MovedTime
{
    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTime FromMicroseconds(long microseconds) =>
        DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
