using Millrace.Events;
using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Copies all data of a tenant to another shard: first while the tenant is used, then while it is fenced.
/// </summary>
internal sealed class TenantCopy
{
    private const int MaxRounds = 10;
    private const int MaxComparisons = 3;

    private readonly TenantId _tenant;
    private readonly TenantPart _source;
    private readonly TenantPart _target;
    private readonly ArrivalWriter _writer;
    private readonly TenantEventCopier _events;
    private readonly TenantEventComparison _comparison;
    private readonly TenantDocumentCopier _documents;
    private readonly TenantRowCopier _rows;
    private readonly TenantConsumerCopier _consumers;

    public TenantCopy(
        TenantId tenant,
        TenantPart source,
        TenantPart target,
        TenantMoveRecord move,
        IProgress<MaintenanceProgress>? progress)
    {
        (_tenant, _source, _target) = (tenant, source, target);
        _writer = new ArrivalWriter(target, tenant);
        _events = new TenantEventCopier(tenant, source, target, _writer, progress);
        _comparison = new TenantEventComparison(tenant, source, target);
        _documents = new TenantDocumentCopier(source, target, _writer, _comparison.Positions)
        {
            ThrowIfTakenOver = cancel => ThrowIfTakenOver!(cancel), // Set when the constructor has returned.
        };
        _rows = new TenantRowCopier(
            TenantRowCopier.RowsOf(tenant, source), TenantRowCopier.RowsOf(tenant, target), source, target, _writer);
        _consumers = new TenantConsumerCopier(tenant, source, target, _writer, _comparison.Positions, move)
        {
            ThrowIfTakenOver = cancel => ThrowIfTakenOver!(cancel),
        };
    }

    /// <summary>Gets the number of copied events.</summary>
    public long Events => _comparison.Positions.Count;

    /// <summary>Gets the number of copied documents.</summary>
    public long Documents { get; private set; }

    /// <summary>Gets what throws an exception if another call or node has taken over the move.</summary>
    public required Func<CancellationToken, ValueTask> ThrowIfTakenOver { get; init; }

    /// <summary>Copies what the source has now. Called first; after an interruption, it continues.</summary>
    public async Task CopyWhileUsed(CancellationToken cancellationToken)
    {
        await _writer.Take(cancellationToken).ConfigureAwait(false);
        await ThrowIfTakenOver(cancellationToken).ConfigureAwait(false);
        // No node can open the copy before the former shard has recorded that the tenant has left: see
        // TenantMoveCleanUp. Also, the first event of the log must not belong to the tenant: see TenantDocumentCopier.
        await TenantFences
            .TryAppend(
                _target.Store, _target.Fence, PlatformEvents.TenantDraining, fromVersion: 0, cancellationToken)
            .ConfigureAwait(false);
        for (var round = 1; round <= MaxRounds; round++)
        {
            var before = _writer.Progress.SourcePosition;
            await _events.Copy(cancellationToken).ConfigureAwait(false);
            if (_writer.Progress.SourcePosition == before && round > 1)
                break;
        }
        await _events.CopyStates(cancellationToken).ConfigureAwait(false);
        await _comparison.Run(cancellationToken).ConfigureAwait(false); // A difference is checked again later.
        await _rows.Copy(cancellationToken).ConfigureAwait(false);
        await _documents.Copy(cancellationToken).ConfigureAwait(false);
        // The copies above took a while.
        await _events.Copy(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Copies the rest, when no commit of the tenant is accepted, and verifies the copy.</summary>
    /// <exception cref="TenantMoveException">The copy differs from the source.</exception>
    public async Task CopyWhileFenced(CancellationToken cancellationToken)
    {
        await TenantMoveCheck.ThrowIfBuilding(_tenant, _source, cancellationToken).ConfigureAwait(false);
        await TenantMoveCheck.ThrowIfEncrypted(_tenant, _source, cancellationToken).ConfigureAwait(false);
        await CopyEvents(cancellationToken).ConfigureAwait(false);
        await _rows.Copy(cancellationToken).ConfigureAwait(false);
        Documents = await _documents.Copy(cancellationToken).ConfigureAwait(false);
        await _consumers.Copy(cancellationToken).ConfigureAwait(false);
        // An open scope may have started a build, which needs no commit.
        await TenantMoveCheck.ThrowIfBuilding(_tenant, _source, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Writes the tenant into the catalog of the target. The fence of the target still prevents that nodes open it.
    /// </summary>
    public async Task Complete(CancellationToken cancellationToken)
    {
        var entry = new TenantCatalog.Entry { Generation = _target.Generation, CopiedUntil = _comparison.LastCopy };
        await new TenantCatalog(_target.Store).Ensure(cancellationToken).ConfigureAwait(false);
        await _writer
            .Write(
                new CommitRequest { Documents = [TenantCatalog.ChangeOf(_tenant, entry)], IsAsStored = true },
                cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task CopyEvents(CancellationToken cancellationToken)
    {
        await _events.Copy(cancellationToken).ConfigureAwait(false);
        await _events.CopyStates(cancellationToken).ConfigureAwait(false);
        string? difference = null;
        for (var attempt = 0; attempt < MaxComparisons; attempt++)
        {
            difference = await _comparison.Run(cancellationToken).ConfigureAwait(false);
            if (difference is null)
                break;
        }
        if (difference is null && !_comparison.IsComplete)
            difference = "events are missing";
        var streams = await _events.CopyStates(cancellationToken).ConfigureAwait(false);
        if (difference is null && streams.Count > 0)
            difference = $"the state of the stream '{streams[0]}' differs";
        if (difference is null
            && await _source.Storage.Log.Count(_source.Events, cancellationToken).ConfigureAwait(false)
            != await _target.Storage.Log.Count(_target.Events, cancellationToken).ConfigureAwait(false))
        {
            throw new TenantMoveException(
                _tenant.Value,
                "events were removed during the pause, for example by an erasure. Call MoveTenant again.",
                isTransient: true);
        }
        if (difference is not null)
        {
            throw new TenantMoveException(
                _tenant.Value,
                $"the copy is not equal to the tenant: {difference}. Cancel the move, verify both stores with "
                    + "'millrace verify', and move the tenant again.");
        }
    }
}
