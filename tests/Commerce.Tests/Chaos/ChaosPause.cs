namespace Commerce.Tests.Chaos;

/// <summary>Lets a fault or a load last: time is what is tested there, and nothing is waited for.</summary>
internal static class ChaosPause
{
    public static async Task For(TimeSpan time, CancellationToken cancellationToken = default)
    {
        using var timer = new PeriodicTimer(time);
        Task passed = timer.WaitForNextTickAsync(cancellationToken).AsTask();
        await passed.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
