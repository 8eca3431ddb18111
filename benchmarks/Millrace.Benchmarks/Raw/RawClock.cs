namespace Millrace.Benchmarks.Raw;

/// <summary>The time in the format of a store.</summary>
internal static class RawClock
{
    /// <summary>Microseconds since 1970.</summary>
    public static long Now() =>
        (DateTimeOffset.UtcNow.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond;
}
