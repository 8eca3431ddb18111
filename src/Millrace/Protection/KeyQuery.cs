namespace Millrace;

/// <summary>A query for a page of data keys.</summary>
public sealed record KeyQuery
{
    private const int MaxLimit = 1_000;

    /// <summary>Gets the tenant; null for all tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>Gets the data subject; null for all.</summary>
    public string? Subject { get; init; }

    /// <summary>
    /// Gets the id of a master key. If it is not null, the result contains only keys that are not destroyed and that
    /// another master key wrapped.
    /// </summary>
    public string? ExceptMasterKeyId { get; init; }

    /// <summary>Gets the last id of the previous page; null for the first page.</summary>
    public string? After { get; init; }

    /// <summary>Gets the maximum number of keys; from 1 to 1,000, 100 by default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is out of range.</exception>
    public int Limit
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, MaxLimit);
            field = value;
        }
    } = 100;
}
