namespace Millrace;

/// <summary>
/// Options for handling commands. The application reads them when it starts, and later changes have no effect.
/// </summary>
public sealed class CommandOptions
{
    /// <summary>
    /// Gets or sets the maximum number of recently used aggregates that are cached in memory, so that they are not
    /// loaded again; from 0 (none) to 1,000,000, 10,000 by default. An append checks their versions.
    /// </summary>
    public int CachedAggregates { get; set; } = 10_000;

    /// <summary>
    /// Gets or sets the default retry policy after a conflict; three retries with delays of 1 to 10 milliseconds by
    /// default. A command or a send can override it.
    /// </summary>
    public ConflictRetry Retry { get; set; } = ConflictRetry.Default;

    /// <summary>
    /// Gets or sets the time for which the answer to an idempotency key is stored; from 1 minute to 400 days, 7 days by
    /// default.
    /// </summary>
    public TimeSpan IdempotencyWindow { get; set; } = TimeSpan.FromDays(7);

    internal IEnumerable<string> Problems()
    {
        if (CachedAggregates is < 0 or > 1_000_000)
            yield return $"CachedAggregates: must be from 0 to 1,000,000, but is {CachedAggregates:N0}.";
        if (Retry is null)
            yield return "Retry: must not be null; use ConflictRetry.None.";
        else if (Retry.Problem() is { } problem)
            yield return $"Retry: {problem}.";
        if (IdempotencyWindow < TimeSpan.FromMinutes(1) || IdempotencyWindow > TimeSpan.FromDays(400))
            yield return $"IdempotencyWindow: must be from 1 minute to 400 days, but is {IdempotencyWindow}.";
    }
}
