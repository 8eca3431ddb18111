namespace Millrace.Faults.Tests;

/// <summary>Lets a fault or a load last: time is what is tested there, and nothing is waited for.</summary>
internal static class Pause
{
    public static async Task For(TimeSpan time, CancellationToken cancellationToken = default)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(cancellationToken);
    }
}
