using Millrace.Storage;

namespace Millrace.Moves.Tests.Caching;

/// <summary>A storage that becomes another one, as after a failover.</summary>
internal sealed class SwitchedStorage(IStorage storage) : IStorage
{
    public IStorage Storage { get; set; } = storage;

    public string Description => Storage.Description;

    public ILogStorage Log => new SwitchedLog(this);

    public IDocumentStorage Documents => Storage.Documents;

    public ILeaseStorage Leases => Storage.Leases;

    public IDeadLetterStorage DeadLetters => Storage.DeadLetters;

    public IMaintenanceStorage Maintenance => Storage.Maintenance;

    public ValueTask Open(CancellationToken cancellationToken) => Storage.Open(cancellationToken);

    public ValueTask DisposeAsync() => Storage.DisposeAsync();
}
