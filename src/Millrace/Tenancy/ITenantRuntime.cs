namespace Millrace.Tenancy;

/// <summary>The store and the consumers of an open tenant.</summary>
internal interface ITenantRuntime : IAsyncDisposable
{
    /// <summary>Opens the store and starts its consumers.</summary>
    Task Start(OpenTenant tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Stops the consumers. The caller then disposes the runtime, which closes the store. Has no effect if the runtime
    /// was never started.
    /// </summary>
    Task Stop(CancellationToken cancellationToken);

    /// <summary>Returns true if the consumers currently have no work, or cannot make progress.</summary>
    ValueTask<bool> IsSettled(CancellationToken cancellationToken);
}
