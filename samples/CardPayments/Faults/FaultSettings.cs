namespace CardPayments.Faults;

/// <summary>How the service behaves, to see what becomes of those who rely on it.</summary>
/// <param name="Delay">How long it lets each request wait; at most a minute.</param>
/// <param name="FailShare">
/// The share of requests that fail, from 0 to 1: half of them with 503 before anything is done, half after all is done,
/// by a line that breaks before the answer.
/// </param>
public sealed record FaultSettings(TimeSpan Delay, double FailShare)
{
    public static FaultSettings None { get; } = new(TimeSpan.Zero, 0);

    /// <summary>What is wrong with it; null for nothing.</summary>
    public string? Problem() =>
        Delay < TimeSpan.Zero || Delay > TimeSpan.FromMinutes(1) ? "The delay is from nothing to a minute."
        : FailShare is >= 0 and <= 1 ? null
        : "The share of failures is from 0 to 1.";
}
