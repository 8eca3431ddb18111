namespace Millrace.Faults.Tests;

/// <summary>Waits for the duration of a fault or a load. The duration is part of the test.</summary>
internal static class Pause
{
    public static async Task For(TimeSpan time, CancellationToken cancellationToken = default)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}
