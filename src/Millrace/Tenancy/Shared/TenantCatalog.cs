using System.Text.Json;
using System.Text.Json.Serialization;
using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>The present and former tenants of a shared store. Each tenant has a document.</summary>
internal sealed partial class TenantCatalog(EventStore store)
{
    private const string Name = TenantCollection.Name;
    private const int PageTenants = 1_000;

    public async ValueTask Ensure(CancellationToken cancellationToken) =>
        await store
            .Storage.Documents.EnsureCollection(new CollectionDefinition(Name, []), cancellationToken)
            .ConfigureAwait(false);

    /// <summary>Returns the entry of a tenant, or null if the tenant was never created.</summary>
    public static async ValueTask<Entry?> Find(IStorage shared, TenantId tenant, CancellationToken cancellationToken) =>
        (await FindWithVersion(shared, tenant, cancellationToken).ConfigureAwait(false)).Entry;

    /// <summary>Adds a tenant. Returns false if the name already exists.</summary>
    public async ValueTask<bool> Add(TenantId tenant, CancellationToken cancellationToken) =>
        await Put(tenant, new Entry(), fromVersion: 0, cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the entry of a tenant in a store that may have no catalog; null if it has no entry.</summary>
    public static async ValueTask<Entry?> FindIfExists(
        IStorage shared, TenantId tenant, CancellationToken cancellationToken) =>
        await TenantCollection.IsIn(shared, cancellationToken).ConfigureAwait(false)
            ? await Find(shared, tenant, cancellationToken).ConfigureAwait(false)
            : null;

    /// <summary>Returns the entry of a tenant with the version of its document; null and 0 if it has none.</summary>
    public static async ValueTask<(Entry? Entry, long Version)> FindWithVersion(
        IStorage shared, TenantId tenant, CancellationToken cancellationToken) =>
        await shared.Documents.Get(Name, tenant.Value, cancellationToken).ConfigureAwait(false) is { } document
            ? (Read(document), document.Version)
            : (null, 0);

    /// <summary>Replaces the entry of a tenant. Returns false if it has changed since it was read.</summary>
    public ValueTask<bool> TryChange(
        TenantId tenant, Entry entry, long fromVersion, CancellationToken cancellationToken) =>
        Put(tenant, entry, fromVersion, cancellationToken);

    /// <summary>Replaces the entry of a tenant, without a check for concurrent changes.</summary>
    public async ValueTask Change(TenantId tenant, Entry entry, CancellationToken cancellationToken) =>
        await Put(tenant, entry, fromVersion: null, cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the tenants in a storage, in the order of their names.</summary>
    public static async ValueTask<IReadOnlyList<TenantId>> List(IStorage shared, CancellationToken cancellationToken)
    {
        var tenants = new List<TenantId>();
        if (!await TenantCollection.IsIn(shared, cancellationToken).ConfigureAwait(false))
            return tenants;
        DocumentCursor? after = null;
        do
        {
            var page = await shared
                .Documents.Query(
                    new DocumentQuery
                    {
                        Collection = Name,
                        After = after,
                        Limit = PageTenants,
                    },
                    cancellationToken)
                .ConfigureAwait(false);
            tenants.AddRange(
                page.Documents.Where(static document => Read(document).LeftAt is null)
                    .Select(static document => new TenantId(document.Key)));
            after = page.Next;
        }
        while (after is not null);
        return tenants;
    }

    /// <summary>Creates the change of an entry for a commit, without a check for concurrent changes.</summary>
    public static DocumentChange ChangeOf(TenantId tenant, Entry entry) => new()
    {
        Collection = Name,
        Key = tenant.Value,
        Body = JsonSerializer.SerializeToUtf8Bytes(entry, Json.Default.Entry),
    };

    private async ValueTask<bool> Put(
        TenantId tenant, Entry entry, long? fromVersion, CancellationToken cancellationToken)
    {
        var change = ChangeOf(tenant, entry) with { FromVersion = fromVersion };
        var outcome = await store
            .TryCommit(new CommitRequest { Documents = [change] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
        return outcome.Refusal is null or DocumentConflictException ? outcome.Refusal is null : throw outcome.Refusal;
    }

    private static Entry Read(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, Json.Default.Entry) ?? new Entry();

    /// <summary>The entry of a tenant.</summary>
    internal sealed record Entry
    {
        /// <summary>Gets the time after which no caller can enter the tenant; null for an existing tenant.</summary>
        public DateTimeOffset? LeftAt { get; init; }

        /// <summary>Gets the time at which all data of the tenant was removed; null before the removal.</summary>
        public DateTimeOffset? RemovedAt { get; init; }

        /// <summary>Gets the number of the move that brought the tenant to this store; 0 if it never moved.</summary>
        public int Generation { get; init; }

        /// <summary>
        /// Gets the position of the last event that the move has copied; 0 if the tenant never moved. The copied events
        /// contain the times at which they were recorded first.
        /// </summary>
        public long CopiedUntil { get; init; }

        /// <summary>Gets the shard to which the tenant has moved; null if it has not left by a move.</summary>
        public string? MovedTo { get; init; }
    }

    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonSerializable(typeof(Entry))]
    private sealed partial class Json : JsonSerializerContext;
}
