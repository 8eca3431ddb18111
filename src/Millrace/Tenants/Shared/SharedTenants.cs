using Millrace.Storage;

namespace Millrace;

/// <summary>Tenants that share one storage: all names of a tenant's things begin with its own.</summary>
internal sealed class SharedTenants : ITenantStorage
{
    private const string Catalogue = "tenants";
    private const int PageTenants = 1_000;

    private readonly EventStore _store;
    private readonly TenantSignals _signals;
    private readonly SemaphoreSlim _opening = new(1);
    private bool _isOpen;

    public SharedTenants(IStorage storage, StoreOptions options, StoreServices services)
    {
        _store = EventStore.Create(storage, EventTypeMap.Empty, options, services);
        _signals = new TenantSignals(_store);
    }

    public string Description => $"tenants of {_store.Description}";

    public bool HasOwnTables => false;

    private IDocumentStorage Documents => _store.Storage.Documents;

    public async ValueTask Open(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_isOpen)
                return;
            await _store.Start(cancellationToken).ConfigureAwait(false);
            await Documents.EnsureCollection(new CollectionDefinition(Catalogue, []), cancellationToken).ConfigureAwait(false);
            _signals.Start();
            _isOpen = true;
        }
        finally
        {
            _opening.Release();
        }
    }

    public IStorage Of(TenantId tenant) => new QueuedTenantStorage(tenant, _store, _signals.Of(tenant));

    public async ValueTask<bool> Exists(TenantId tenant, CancellationToken cancellationToken) =>
        await Documents.Get(Catalogue, tenant.Value, cancellationToken).ConfigureAwait(false) is not null;

    public async ValueTask<bool> Create(TenantId tenant, CancellationToken cancellationToken)
    {
        var entry = new DocumentChange { Collection = Catalogue, Key = tenant.Value, FromVersion = 0, Body = "{}"u8.ToArray() };
        var outcome = await _store.TryCommit(new CommitRequest { Documents = [entry] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
        return outcome.Refusal is null or DocumentConflictException ? outcome.Refusal is null : throw outcome.Refusal;
    }

    public ValueTask<bool> Remove(TenantId tenant, CancellationToken cancellationToken) => throw new StorageException(
        $"The tenant '{tenant}' shares a log with others, in which every stream keeps its last event. Delete or tombstone its streams; or "
        + "give each tenant a database, which is removed whole: write {tenant} in its name.",
        StorageProblem.Other);

    public async ValueTask<IReadOnlyList<TenantId>> List(CancellationToken cancellationToken)
    {
        var tenants = new List<TenantId>();
        DocumentCursor? after = null;
        do
        {
            var page = await Documents.Query(
                new DocumentQuery { Collection = Catalogue, After = after, Limit = PageTenants }, cancellationToken).ConfigureAwait(false);
            tenants.AddRange(page.Documents.Select(entry => new TenantId(entry.Key)));
            after = page.Next;
        }
        while (after is not null);
        return tenants;
    }

    public async ValueTask DisposeAsync()
    {
        await _signals.DisposeAsync().ConfigureAwait(false);
        await _store.DisposeAsync().ConfigureAwait(false);
        _opening.Dispose();
    }
}
