using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Sharding;

/// <summary>The records of running moves of tenants in the home shard, a document for each tenant.</summary>
internal sealed class TenantMoveRecords(EventStore home)
{
    private const string Name = "shard-moves";
    private const int PageMoves = 1_000;

    private static readonly CollectionDefinition Collection = new(Name, []);

    public async ValueTask Ensure(CancellationToken cancellationToken) =>
        await home.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the move of a tenant with the version of its document; null and 0 if there is none.</summary>
    public async ValueTask<(TenantMoveRecord? Record, long Version)> Read(
        string tenant, CancellationToken cancellationToken) =>
        await home.Storage.Documents.Get(Name, tenant, cancellationToken).ConfigureAwait(false) is { } document
            ? (Read(document), document.Version)
            : (null, 0);

    /// <summary>Returns all running moves, in the order of the names of the tenants.</summary>
    public async ValueTask<IReadOnlyList<TenantMoveStatus>> List(CancellationToken cancellationToken)
    {
        var moves = new List<TenantMoveStatus>();
        var query = new DocumentQuery { Collection = Name, Limit = PageMoves };
        await foreach (var document in home.Storage.Documents.ReadAll(query, cancellationToken).ConfigureAwait(false))
            moves.Add(Read(document).ToStatus(document.Key));
        return moves;
    }

    /// <summary>Creates the change of a record for a commit.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="record">The record; null to remove it.</param>
    /// <param name="fromVersion">The version of the document; 0 if it must not exist.</param>
    public static DocumentChange Change(string tenant, TenantMoveRecord? record, long fromVersion) => new()
    {
        Collection = Name,
        Key = tenant,
        FromVersion = fromVersion,
        Body = record is null
            ? (ReadOnlyMemory<byte>?)null // An array that is null would be an empty body.
            : JsonSerializer.SerializeToUtf8Bytes(record, ShardingJson.Default.TenantMoveRecord),
    };

    private static TenantMoveRecord Read(Document document) =>
        JsonSerializer.Deserialize(document.Body.Span, ShardingJson.Default.TenantMoveRecord)!; // Never null.
}
