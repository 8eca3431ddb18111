namespace Commerce.Inventory;

/// <summary>Whether who changes stock takes a lock first.</summary>
/// <param name="IsUsed">False to leave it to the versions of streams: the loser of a race decides again
/// on what is left.</param>
public sealed record StockLocking(bool IsUsed)
{
    /// <summary>How long a lock outlives a holder that is not heard of.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait for one.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);
}
