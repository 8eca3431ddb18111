namespace Commerce.Tests.Chaos;

/// <summary>Waits for the duration of a fault or a load. The duration is part of the test.</summary>
internal static class ChaosPause
{
    public static async Task For(TimeSpan time, CancellationToken cancellationToken = default)
    {
        using var timer = new PeriodicTimer(time);
        Task passed = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        await passed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
