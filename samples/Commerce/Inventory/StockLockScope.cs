namespace Commerce.Inventory;

/// <summary>
/// The turn of one command at items of stock: a lock for each, from before they are loaded until after the commit, when
/// the services of the command are disposed. A holder that stood still for too long is refused by its token.
/// </summary>
/// <remarks>
/// The token is looked at before the commit, and the commit expects the version that was read behind that look: whoever
/// has taken over meanwhile and changed something has this conflict, be handled again, and be refused.
/// </remarks>
public sealed class StockLockScope(Locks locks, Fences fences, StockLocking locking) : IAsyncDisposable
{
    private readonly Dictionary<InventoryItemId, HeldLock> _held = [];

    /// <summary>Waits for the turn at all of the items, in one order for everybody, so that no two
    /// wait for each other.</summary>
    /// <exception cref="LockTakenException">Somebody else held one of them for too long.</exception>
    /// <exception cref="FencedOffException">The turn was lost, and somebody else works already.</exception>
    public async Task Take(IEnumerable<InventoryItemId> items, CancellationToken cancellationToken)
    {
        if (!locking.IsUsed)
            return;
        foreach (var item in items.Distinct().OrderBy(item => item.Value))
        {
            if (!_held.TryGetValue(item, out var held))
                _held[item] = held = await locks.Acquire(RequestOf(item), cancellationToken);
            await fences.Pass($"inventory-{item}", held.Token, cancellationToken);
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
        RenewsItself = false,
    };
}
