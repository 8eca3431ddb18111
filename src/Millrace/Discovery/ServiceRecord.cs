namespace Millrace.Discovery;

/// <summary>The stored form of a service instance.</summary>
internal sealed record ServiceRecord
{
    public required ServiceInstance Instance { get; init; }

    /// <summary>The time after which the registration expires without a heartbeat.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>The time of expiry, according to the storage's clock.</summary>
    public DateTimeOffset Until { get; init; }
}
