using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Writes to the shard to which a tenant moves. Each commit also writes the progress of the move, with the condition
/// that no other node has continued the move since.
/// </summary>
internal sealed class ArrivalWriter(TenantPart target, TenantId tenant)
{
    private const string Collection = "tenant-arrivals";

    private long _version;

    /// <summary>Gets the progress.</summary>
    public ArrivalRecord Progress { get; private set; } = new(0, 0, 0);

    /// <summary>Returns the highest number of a move of a tenant to the shard; 0 if there was none.</summary>
    public static async ValueTask<int> FindGeneration(
        TenantPart target, TenantId tenant, CancellationToken cancellationToken) =>
        await target.Storage.Documents.HasCollection(Collection, cancellationToken).ConfigureAwait(false)
        && (await new ArrivalWriter(target, tenant).Read(cancellationToken).ConfigureAwait(false)).Record is { } record
            ? record.Generation
            : 0;

    /// <summary>Starts or continues the move. Further commits of other movers are refused.</summary>
    public async ValueTask Take(CancellationToken cancellationToken)
    {
        await target.Storage.Documents
            .EnsureCollection(new CollectionDefinition(Collection, []), cancellationToken)
            .ConfigureAwait(false);
        var (stored, version) = await Read(cancellationToken).ConfigureAwait(false);
        if (stored?.Generation > target.Generation)
            throw TenantMoveHome.TakenOver(tenant); // A later move of the tenant.
        _version = version;
        Progress = stored is { } known && known.Generation == target.Generation
            ? known
            : new ArrivalRecord(target.Generation, 0, stored?.Run ?? 0);
        var next = Progress with { Run = Progress.Run + 1 };
        await Commit(new CommitRequest { IsAsStored = true }, next, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Commits a request with the present progress.</summary>
    public Task<CommitOutcome> Commit(CommitRequest request, CancellationToken cancellationToken) =>
        Commit(request, Progress, cancellationToken);

    /// <summary>Commits a request with other progress. Returns a refusal only if the request caused it.</summary>
    /// <exception cref="TenantMoveException">Another node continues the move.</exception>
    public async Task<CommitOutcome> Commit(
        CommitRequest request, ArrivalRecord progress, CancellationToken cancellationToken)
    {
        var change = new DocumentChange
        {
            Collection = Collection,
            Key = tenant.Value,
            FromVersion = _version,
            Body = JsonSerializer.SerializeToUtf8Bytes(progress, ArrivalJson.Default.ArrivalRecord),
        };
        var outcome = await target.Store
            .TryCommit(
                request.WithContents(documents: [.. request.Documents, change]), isBackground: true, cancellationToken)
            .ConfigureAwait(false);
        if (outcome.Refusal is DocumentConflictException { Collection: Collection })
            throw TenantMoveHome.TakenOver(tenant);
        if (outcome.Refusal is not null)
        {
            // The writes of a mover that has continued the move can also refuse the request.
            if ((await Read(cancellationToken).ConfigureAwait(false)).Version != _version)
                throw TenantMoveHome.TakenOver(tenant);
            return outcome;
        }
        Progress = progress;
        _version = outcome.DocumentVersion > 0
            ? outcome.DocumentVersion
            : await ReadOwnVersion(cancellationToken).ConfigureAwait(false);
        return outcome;
    }

    /// <summary>Commits a request. Throws an exception if it is refused.</summary>
    public async Task Write(CommitRequest request, CancellationToken cancellationToken)
    {
        var outcome = await Commit(request, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is not null)
            throw outcome.Refusal;
    }

    private async ValueTask<long> ReadOwnVersion(CancellationToken cancellationToken)
    {
        var (stored, version) = await Read(cancellationToken).ConfigureAwait(false);
        return stored == Progress ? version : throw TenantMoveHome.TakenOver(tenant);
    }

    private async ValueTask<(ArrivalRecord? Record, long Version)> Read(CancellationToken cancellationToken)
    {
        var document = await target.Storage.Documents.Get(Collection, tenant.Value, cancellationToken)
            .ConfigureAwait(false);
        return document is null
            ? (null, 0)
            : (JsonSerializer.Deserialize(document.Body.Span, ArrivalJson.Default.ArrivalRecord), document.Version);
    }
}
