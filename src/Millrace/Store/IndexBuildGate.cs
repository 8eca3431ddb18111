namespace Millrace.Store;

/// <summary>
/// Lets an application build one missing index at a time, in all of its tenants. A build occupies a connection, and
/// after a restore, each tenant can lack indexes. Thread-safe.
/// </summary>
internal sealed class IndexBuildGate : IDisposable
{
    private readonly SemaphoreSlim _free = new(1, 1);

    public Task Enter(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    public void Leave() => _free.Release();

    public void Dispose() => _free.Dispose();
}
