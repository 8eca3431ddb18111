using Millrace.Storage;

namespace Millrace.Benchmarks.Harness;

/// <summary>A storage that times its commits.</summary>
internal sealed class ProfiledStorage(IStorage storage) : IStorage
{
    public CommitProfile Profile { get; } = new(storage.Log);

    public string Description => storage.Description;

    public ILogStorage Log => Profile;

    public IDocumentStorage Documents => storage.Documents;

    public ILeaseStorage Leases => storage.Leases;

    public IDeadLetterStorage DeadLetters => storage.DeadLetters;

    public IMaintenanceStorage Maintenance => storage.Maintenance;

    public ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken) =>
        storage.ReadSnapshot(query, cancellationToken);

    public ValueTask Open(CancellationToken cancellationToken) => storage.Open(cancellationToken);

    public ValueTask DisposeAsync() => storage.DisposeAsync();
}
