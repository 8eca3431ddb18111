namespace Commerce.Inventory;

/// <summary>Specifies whether commands lock stock before they change it.</summary>
/// <param name="IsUsed">False to rely on stream versions. After a conflict, the losing command then decides again with
/// the current stock.</param>
public sealed record StockLocking(bool IsUsed)
{
    /// <summary>The time after which the lock of an unresponsive holder expires.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The maximum time to wait for a lock.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(10);
}
