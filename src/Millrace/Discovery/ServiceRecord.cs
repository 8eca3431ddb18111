namespace Millrace;

/// <summary>The stored form of a service instance.</summary>
internal sealed record ServiceRecord
{
    public required ServiceInstance Instance { get; init; }

    /// <summary>How long the registration lasts without a heartbeat.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>The expiry time, by the storage's clock.</summary>
    public DateTimeOffset Until { get; init; }
}
