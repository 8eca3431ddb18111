namespace Millrace.Cli.Doctor;

/// <summary>Defines the thresholds of the doctor's findings. docs/how-to/troubleshoot.md describes them.</summary>
internal static class DoctorThresholds
{
    public const long MinFreeBytes = 256L * 1024 * 1024;
    public const long LargeLogBytes = 256L * 1024 * 1024;
    public const long ManyEvents = 10_000;
    public static readonly TimeSpan SlowSync = TimeSpan.FromMilliseconds(20);
    public static readonly TimeSpan LongLag = TimeSpan.FromMinutes(5);
    public static readonly TimeSpan LongSilence = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan ClockDrift = TimeSpan.FromSeconds(5);
}
