namespace CardPayments.Faults;

/// <summary>The faults of the service, to test how its clients handle them.</summary>
/// <param name="Delay">The delay of each request; at most a minute.</param>
/// <param name="FailShare">The share of requests that fail, from 0 to 1. Half of them fail with 503 before the service
/// handles them. The service handles the other half, but closes the connection before the answer.</param>
public sealed record FaultSettings(TimeSpan Delay, double FailShare)
{
    public static FaultSettings None { get; } = new(TimeSpan.Zero, 0);

    /// <summary>Returns the validation error, or null.</summary>
    public string? Problem() =>
        Delay < TimeSpan.Zero || Delay > TimeSpan.FromMinutes(1) ? "The delay must be from 0 to 1 minute."
        : FailShare is >= 0 and <= 1 ? null
        : "The share of failures must be from 0 to 1.";
}
