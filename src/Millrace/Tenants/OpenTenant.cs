namespace Millrace;

/// <summary>A tenant that this node has open. What changes of it is changed by <see cref="OpenTenants"/>, under its
/// lock.</summary>
internal sealed class OpenTenant(TenantId tenant, ITenantRuntime runtime)
{
    public TenantId Tenant { get; } = tenant;

    public ITenantRuntime Runtime { get; } = runtime;

    /// <summary>Ends when it is open, or could not be opened.</summary>
    public Task Opening { get; set; } = Task.CompletedTask;

    /// <summary>Ends when it is closed, and may be opened again.</summary>
    public TaskCompletionSource Closed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How many are in it.</summary>
    public int Users { get; set; }

    /// <summary>How many of them are the node itself, which looks into it.</summary>
    public int SweeperUsers { get; set; }

    /// <summary>When the last one left it.</summary>
    public long LeftAt { get; set; }

    /// <summary>Whether it is about to be closed: nobody enters it any more.</summary>
    public bool IsClosing { get; set; }
}
