namespace Millrace;

/// <summary>
/// Defines how often and with which delays a command is retried after another client has appended first.
/// </summary>
/// <param name="MaxRetries">The maximum number of retries; from 0 to 1,000.</param>
/// <param name="MinDelay">The minimum delay before a retry; from 0 to 1 minute.</param>
/// <param name="MaxDelay">The maximum delay before a retry, at most 1 minute. Each delay is random, between the minimum
/// and the maximum.</param>
public sealed record ConflictRetry(int MaxRetries, TimeSpan MinDelay, TimeSpan MaxDelay)
{
    /// <summary>Gets a policy of three retries with delays of 1 to 10 milliseconds.</summary>
    public static ConflictRetry Default { get; } = new(3, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(10));

    /// <summary>Gets a policy without retries. The sender of the command receives the conflict immediately.</summary>
    public static ConflictRetry None { get; } = new(0, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Waits before a retry.</summary>
    internal async ValueTask Pause(TimeProvider time, CancellationToken cancellationToken)
    {
#pragma warning disable CA5394 // The random delay is not security-relevant. It only separates writers.
        var delay = MinDelay + ((MaxDelay - MinDelay) * Random.Shared.NextDouble());
#pragma warning restore CA5394
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
    }

    internal string? Problem() =>
        MaxRetries is < 0 or > 1_000 ? $"MaxRetries must be from 0 to 1,000, but is {MaxRetries:N0}"
        : MinDelay < TimeSpan.Zero || MaxDelay < MinDelay || MaxDelay > TimeSpan.FromMinutes(1)
            ? $"the delays must be from 0 to 1 minute and MinDelay at most MaxDelay, but are {MinDelay} and {MaxDelay}"
            : null;
}
