namespace Millrace.Tenancy;

/// <summary>A tenant that this node has open. <see cref="OpenTenants"/> changes its state, under a lock.</summary>
internal sealed class OpenTenant(TenantId tenant, ITenantRuntime runtime)
{
    public TenantId Tenant { get; } = tenant;

    public ITenantRuntime Runtime { get; } = runtime;

    /// <summary>Gets or sets a task that completes when the tenant is open or could not be opened.</summary>
    public Task Opening { get; set; } = Task.CompletedTask;

    /// <summary>Gets the source of a task that completes when the tenant is closed and can be opened again.</summary>
    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gets or sets the number of callers that have entered the tenant.</summary>
    public int Users { get; set; }

    /// <summary>Gets or sets the number of these callers that belong to this node's sweeper.</summary>
    public int SweeperUsers { get; set; }

    /// <summary>Gets or sets whether another caller than the sweeper has entered the tenant.</summary>
    public bool HasBeenUsed { get; set; }

    /// <summary>Gets or sets the time at which the last caller left the tenant.</summary>
    public long LastLeftAt { get; set; }

    /// <summary>Gets or sets whether the tenant moves to another shard, so that it can be opened there.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>Gets or sets whether the tenant is closing, so that no caller can enter it.</summary>
    public bool IsClosing { get; set; }
}
