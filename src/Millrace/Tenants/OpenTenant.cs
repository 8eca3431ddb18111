namespace Millrace;

/// <summary>A tenant that this node has open. <see cref="OpenTenants"/> changes its state, under a lock.</summary>
internal sealed class OpenTenant(TenantId tenant, ITenantRuntime runtime)
{
    public TenantId Tenant { get; } = tenant;

    public ITenantRuntime Runtime { get; } = runtime;

    /// <summary>Completes when it is open, or could not be opened.</summary>
    public Task Opening { get; set; } = Task.CompletedTask;

    /// <summary>Completes when it is closed, and can be opened again.</summary>
    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The number of callers that have entered it.</summary>
    public int Users { get; set; }

    /// <summary>The number of them that are this node's sweeper.</summary>
    public int SweeperUsers { get; set; }

    /// <summary>The time at which the last caller left it.</summary>
    public long LeftAt { get; set; }

    /// <summary>Gets or sets whether it is about to be closed, and no caller can enter it.</summary>
    public bool IsClosing { get; set; }
}
