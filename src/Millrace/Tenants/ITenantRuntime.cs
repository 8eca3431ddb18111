namespace Millrace;

/// <summary>The services of an open tenant: its store and its consumers.</summary>
internal interface ITenantRuntime : IAsyncDisposable
{
    /// <summary>Opens the store and starts its consumers.</summary>
    Task Start(OpenTenant tenant, CancellationToken cancellationToken);

    /// <summary>
    /// Stops the consumers before the runtime is disposed, which closes the store. Has no effect if it never started.
    /// </summary>
    Task Stop(CancellationToken cancellationToken);

    /// <summary>Returns true when its consumers have no work at the moment, or cannot make progress.</summary>
    ValueTask<bool> IsSettled(CancellationToken cancellationToken);
}
