namespace Commerce.Services;

/// <summary>Where locks on stock are kept.</summary>
public enum StockLockProvider
{
    Store,
    Redis,
}
