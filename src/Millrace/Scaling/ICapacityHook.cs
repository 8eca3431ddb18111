namespace Millrace;

/// <summary>
/// Sets the number of nodes, for example of a deployment of Kubernetes or a group of virtual machines.
/// </summary>
public interface ICapacityHook
{
    /// <summary>
    /// Sets the number of nodes. It can be called again with the same change after an error, or after the calling node
    /// was killed.
    /// </summary>
    /// <param name="change">The change.</param>
    /// <param name="cancellationToken">Cancels the call after <see cref="CapacityOptions.HookTimeout"/>.</param>
    Task SetNodes(CapacityChange change, CancellationToken cancellationToken);
}
