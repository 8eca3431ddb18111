using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests.Hosting;

/// <summary>A storage in memory whose checks and commits a test controls.</summary>
internal sealed class PingedStorage : IStorage
{
    private readonly FaultInjectingStorage _inner = new(new InMemoryStorage()) { CommitsOnCallingThread = false };
    private int _pings;

    /// <summary>Gets the storage with the hooks of commits.</summary>
    public FaultInjectingStorage Faults => _inner;

    /// <summary>Gets or sets what a check does.</summary>
    public Func<CancellationToken, Task> OnPing { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Gets the number of checks.</summary>
    public int Pings => Volatile.Read(ref _pings);

    public string Description => _inner.Description;

    public ILogStorage Log => _inner.Log;

    public IDocumentStorage Documents => _inner.Documents;

    public ILeaseStorage Leases => _inner.Leases;

    public IDeadLetterStorage DeadLetters => _inner.DeadLetters;

    public IMaintenanceStorage Maintenance => _inner.Maintenance;

    public ValueTask Open(CancellationToken cancellationToken) => _inner.Open(cancellationToken);

    public async ValueTask Ping(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _pings);
        await OnPing(cancellationToken);
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();
}
