namespace Millrace.Faults.Tests;

/// <summary>Waits while a fault or a load lasts: the duration is part of the test.</summary>
internal static class Pause
{
    public static async Task For(TimeSpan time, CancellationToken cancellationToken = default)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}
