namespace Millrace.Benchmarks.Raw;

/// <summary>Returns the current time in the format of a store.</summary>
internal static class RawClock
{
    /// <summary>Returns the current time in microseconds after the start of 1970 (UTC).</summary>
    public static long Now() =>
        (DateTimeOffset.UtcNow.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}
