namespace Millrace.PostgreSql.Moves;

/// <summary>
/// Converts instants to the form that a move uses: microseconds since 1970, which is the precision of the database.
/// </summary>
internal static class MovedTime
{
    public static long ToMicroseconds(DateTimeOffset time) =>
        (time.UtcTicks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    public static DateTime FromMicroseconds(long microseconds) =>
        DateTime.UnixEpoch.AddTicks(microseconds * TimeSpan.TicksPerMicrosecond);
}
