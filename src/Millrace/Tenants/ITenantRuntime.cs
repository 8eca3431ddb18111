namespace Millrace;

/// <summary>What runs for a tenant that is open: its store and its consumers.</summary>
internal interface ITenantRuntime : IAsyncDisposable
{
    /// <summary>Opens the store and begins to run its consumers.</summary>
    Task Start(OpenTenant tenant, CancellationToken cancellationToken);

    /// <summary>Ends what runs, before it is disposed, which closes the store; harmless where it never began.</summary>
    Task Stop(CancellationToken cancellationToken);

    /// <summary>Whether its consumers have nothing to do at the moment, or get nothing done.</summary>
    ValueTask<bool> IsSettled(CancellationToken cancellationToken);
}
