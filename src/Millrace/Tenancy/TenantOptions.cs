namespace Millrace;

/// <summary>
/// Options for an application with tenants. They are read when the application starts. Later changes have no effect.
/// </summary>
public sealed class TenantOptions
{
    /// <summary>
    /// True if an unknown tenant is created when a caller first enters it. False by default, so that only
    /// <see cref="Tenants.Create"/> creates tenants, and unknown names are refused.
    /// </summary>
    public bool CreatesOnDemand { get; set; }

    /// <summary>
    /// Gets or sets the maximum number of tenants that this node has open at the same time, each with the memory of its
    /// read models and consumers; from 1 to 10,000, 200 by default. To open another tenant at the maximum, the node
    /// closes the tenant that was unused for the longest time.
    /// </summary>
    public int MaxOpen { get; set; } = 200;

    /// <summary>
    /// Gets or sets the time after which an unused tenant is closed; from 1 second to 1 day, 1 minute by default. A
    /// closed tenant uses no memory, no connections and no database queries.
    /// </summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets or sets the interval at which the node opens each closed tenant to finish pending work; from 1 second to 1
    /// day, 5 minutes by default. Pending work includes the work of a stopped node, and retries that are due. The node
    /// also does this when it starts.
    /// </summary>
    public TimeSpan VisitEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Gets or sets the number of closed tenants that are opened at the same time to finish pending work; from 1 to
    /// 100, 2 by default.
    /// </summary>
    public int VisitsAtOnce { get; set; } = 2;

    /// <summary>
    /// Gets or sets the time to wait for a free slot when the maximum number of open tenants is in use; from 0 to 5
    /// minutes, 10 seconds by default. After this time, the caller gets a <see cref="TenantsBusyException"/>.
    /// </summary>
    public TimeSpan EnterTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal TenantOptions Copy() => (TenantOptions)MemberwiseClone();

    internal IEnumerable<string> Problems()
    {
        if (MaxOpen is < 1 or > 10_000)
            yield return $"MaxOpen: must be from 1 to 10,000, but is {MaxOpen:N0}.";
        if (IdleAfter < TimeSpan.FromSeconds(1) || IdleAfter > TimeSpan.FromDays(1))
            yield return $"IdleAfter: must be from 1 second to 1 day, but is {IdleAfter}.";
        if (VisitEvery < TimeSpan.FromSeconds(1) || VisitEvery > TimeSpan.FromDays(1))
            yield return $"VisitEvery: must be from 1 second to 1 day, but is {VisitEvery}.";
        if (VisitsAtOnce is < 1 or > 100)
            yield return $"VisitsAtOnce: must be from 1 to 100, but is {VisitsAtOnce:N0}.";
        if (EnterTimeout < TimeSpan.Zero || EnterTimeout > TimeSpan.FromMinutes(5))
            yield return $"EnterTimeout: must be from 0 to 5 minutes, but is {EnterTimeout}.";
    }
}
