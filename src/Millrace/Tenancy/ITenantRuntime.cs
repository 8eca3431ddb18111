using Millrace.Consuming;

namespace Millrace.Tenancy;

/// <summary>The store and the consumers of an open tenant.</summary>
internal interface ITenantRuntime : IAsyncDisposable
{
    /// <summary>
    /// Gets or sets since when the log had no further event, so that documents of a tenant that is opened only for a
    /// short time expire. Null if it is unknown. Set before the start, and valid again after the stop.
    /// </summary>
    QuietLog? Quiet { get; set; }

    /// <summary>Opens the store and starts its consumers.</summary>
    Task Start(OpenTenant tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Stops the consumers. The caller then disposes the runtime, which closes the store. Has no effect if the runtime
    /// was never started.
    /// </summary>
    Task Stop(CancellationToken cancellationToken);

    /// <summary>Gets whether an index is being built, which can take long. Closing the tenant cancels it.</summary>
    bool IsBuilding { get; }

    /// <summary>Returns true if the tenant currently has no work, or its consumers cannot make progress.</summary>
    /// <param name="isVisit">True for a visit of the sweeper, which does not wait until a failing backup is
    /// complete.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    ValueTask<bool> IsSettled(bool isVisit, CancellationToken cancellationToken);
}
