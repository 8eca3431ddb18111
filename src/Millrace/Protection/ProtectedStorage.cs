using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// A storage whose readers receive decrypted values. It is between the store and its storage, so that no reader of a
/// store sees encrypted values. Commits must already be encrypted (<see cref="CommitProtector"/>).
/// </summary>
internal sealed class ProtectedStorage(IStorage inner, StoreProtection protection) : IStorage
{
    private readonly ProtectedDocuments _documents = new(inner.Documents, protection);
    private readonly BlindClaims _claims = new(protection, inner.Log);

    public string Description => inner.Description;

    public ILogStorage Log { get; } = new ProtectedLog(inner.Log, protection);

    public IDocumentStorage Documents => _documents;

    public ILeaseStorage Leases => inner.Leases;

    public IDeadLetterStorage DeadLetters { get; } = new ProtectedDeadLetters(inner.DeadLetters, protection);

    public IMaintenanceStorage Maintenance => inner.Maintenance;

    public IQueryPlanner? Planner =>
        inner.Planner is { } planner ? new ProtectedPlanner(planner, _documents.Index, _claims) : null;

    public string? DataDirectory => inner.DataDirectory;

    public string? MissingFile => inner.MissingFile;

    public ValueTask Open(CancellationToken cancellationToken) => inner.Open(cancellationToken);

    public ValueTask Ping(CancellationToken cancellationToken) => inner.Ping(cancellationToken);

    /// <summary>
    /// Reads the snapshot. The caller reads the events, because those in the answer may be incomplete.
    /// </summary>
    public async ValueTask<StoredSnapshot> ReadSnapshot(SnapshotQuery query, CancellationToken cancellationToken)
    {
        var stored = await inner.ReadSnapshot(query, cancellationToken).ConfigureAwait(false);
        if (stored.Document is not { } document)
            return default;
        // A snapshot that cannot be decrypted is the same as no snapshot: the events are replayed.
        var revealed = await _documents.TryReveal(query.Collection, document, cancellationToken).ConfigureAwait(false);
        return revealed is null ? default : stored with { Document = revealed, EventsAfter = null };
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
