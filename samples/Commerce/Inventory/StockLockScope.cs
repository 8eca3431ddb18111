namespace Commerce.Inventory;

/// <summary>
/// The locks that one command holds on stock items. They are acquired before the items are loaded and released after
/// the commit, when the services of the command are disposed. The fencing token refuses a holder that paused for too
/// long.
/// </summary>
/// <remarks>
/// The token is checked before the commit, and the commit expects the version that was read after that check. If
/// another holder has taken over and changed the item, the commit conflicts, the command is handled again, and the
/// token is refused.
/// </remarks>
public sealed class StockLockScope(Locks locks, Fences fences, StockLocking locking) : IAsyncDisposable
{
    private readonly Dictionary<InventoryItemId, HeldLock> _held = [];

    /// <summary>Acquires the locks of all items, always in the same order, so that two commands cannot
    /// deadlock.</summary>
    /// <exception cref="LockUnavailableException">Another command held a lock for too long.</exception>
    /// <exception cref="FencedOffException">The lock was lost, and another command already holds it.</exception>
    public async Task Take(IEnumerable<InventoryItemId> items, CancellationToken cancellationToken)
    {
        if (!locking.IsUsed)
            return;
        foreach (var item in items.Distinct().OrderBy(item => item.Value))
        {
            if (!_held.TryGetValue(item, out var held))
                _held[item] = held = await locks.Acquire(RequestOf(item), cancellationToken);
            await fences.Check($"inventory-{item}", held.Token, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var held in _held.Values)
            await held.DisposeAsync();
        _held.Clear();
    }

    private LockRequest RequestOf(InventoryItemId item) => new($"inventory:lock:{item}")
    {
        Duration = locking.Duration,
        Wait = locking.Wait,
        RenewsAutomatically = false,
    };
}
