namespace Commerce.Services;

/// <summary>The storage of stock locks.</summary>
public enum StockLockProvider
{
    Store,
    Redis,
}
