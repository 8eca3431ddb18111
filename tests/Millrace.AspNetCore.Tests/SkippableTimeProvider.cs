namespace Millrace.AspNetCore.Tests;

/// <summary>A system clock that a test can advance.</summary>
internal sealed class SkippableTimeProvider : TimeProvider
{
    private long _skipped;

    public override long GetTimestamp() => System.GetTimestamp() + Interlocked.Read(ref _skipped);

    public void Skip(TimeSpan time) =>
        Interlocked.Add(ref _skipped, (long)(time.TotalSeconds * TimestampFrequency));
}
