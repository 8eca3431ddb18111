namespace Millrace;

/// <summary>How often and how fast a command is handled again after another append came first.</summary>
/// <param name="MaxRetries">How often at most; from 0 to 1,000.</param>
/// <param name="MinDelay">The shortest wait before a retry; from 0 to 1 minute.</param>
/// <param name="MaxDelay">The longest wait; a random time between the two is waited.</param>
public sealed record ConflictRetry(int MaxRetries, TimeSpan MinDelay, TimeSpan MaxDelay)
{
    /// <summary>Three retries with 1 to 10 milliseconds between them.</summary>
    public static ConflictRetry Default { get; } = new(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10));

    /// <summary>No retries: a conflict is told at once.</summary>
    public static ConflictRetry None { get; } = new(0, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Waits before a retry.</summary>
    internal async ValueTask Pause(TimeProvider time, CancellationToken cancellationToken)
    {
#pragma warning disable CA5394 // Not for secrets: it only keeps competing writers from meeting again.
        var delay = MinDelay + ((MaxDelay - MinDelay) * Random.Shared.NextDouble());
#pragma warning restore CA5394
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
    }

    internal string? Problem() =>
        MaxRetries is < 0 or > 1_000 ? $"MaxRetries must be from 0 to 1,000, but is {MaxRetries:N0}"
        : MinDelay < TimeSpan.Zero || MaxDelay < MinDelay || MaxDelay > TimeSpan.FromMinutes(1)
            ? $"the delays must be from 0 to 1 minute, the shortest first, but are {MinDelay} and {MaxDelay}"
            : null;
}
