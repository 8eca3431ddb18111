namespace Millrace;

/// <summary>How an application with tenants behaves. Read when it starts; later changes have no effect.</summary>
public sealed class TenantOptions
{
    /// <summary>
    /// Whether a tenant that is not known is made when it is first entered; false by default: then
    /// <see cref="Tenants.Create"/> makes it, and a name that somebody made up is refused.
    /// </summary>
    public bool CreatesOnDemand { get; set; }

    /// <summary>
    /// The most tenants that this node has open at the same time, each with what its read models and consumers keep in
    /// memory; from 1 to 10,000, 200 by default. Where there are more, those that nobody has used for longest are
    /// closed, and opened again when needed.
    /// </summary>
    public int MaxOpen { get; set; } = 200;

    /// <summary>
    /// For how long nobody must have used a tenant before it is closed; from 1 second to 1 day, 1 minute by default. A
    /// closed tenant costs neither memory nor connections nor looks into its database.
    /// </summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// How often to look into every tenant that is closed, so that what a node left undone that is gone is done, and
    /// what is to be tried again is; from 1 second to 1 day, 5 minutes by default. The first time when the node starts.
    /// </summary>
    public TimeSpan VisitEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many tenants are looked into at the same time; from 1 to 100, 2 by default.</summary>
    public int VisitsAtOnce { get; set; } = 2;

    /// <summary>
    /// How long to wait for a tenant to be left where as many as may be open are in use; from 0 to 5 minutes, 10
    /// seconds by default. Then <see cref="TenantsBusyException"/>.
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
