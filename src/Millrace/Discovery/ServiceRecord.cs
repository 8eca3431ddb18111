namespace Millrace;

/// <summary>An instance as it is stored.</summary>
internal sealed record ServiceRecord
{
    public required ServiceInstance Instance { get; init; }

    /// <summary>How long it is there without being heard of.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>Until when it is there, by the storage's clock.</summary>
    public DateTimeOffset Until { get; init; }
}
