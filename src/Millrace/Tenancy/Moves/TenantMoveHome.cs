using Millrace.Sharding;
using Millrace.Storage;

namespace Millrace.Tenancy.Moves;

/// <summary>
/// Reads and changes the records of moves in the home shard. A change is refused if the record or the assignment of the
/// tenant has changed since it was read.
/// </summary>
internal sealed class TenantMoveHome(ShardSet shards)
{
    /// <summary>The number of attempts of a change that other nodes change at the same time.</summary>
    public const int MaxAttempts = 10;

    /// <summary>Returns the move of a tenant; null if there is none.</summary>
    public ValueTask<TenantMoveState?> Find(TenantId tenant, CancellationToken cancellationToken) => Run(
        async cancel =>
        {
            var (move, moveVersion) = await shards.Moves.Read(tenant.Value, cancel).ConfigureAwait(false);
            if (move is null)
                return null;
            var (assignment, version) = await shards.Assignments.Read(tenant.Value, cancel).ConfigureAwait(false);
            return assignment is null ? null : new TenantMoveState(assignment, version, move, moveVersion);
        },
        cancellationToken);

    /// <summary>Returns the assignment of a tenant, and records that of a tenant which never had one.</summary>
    /// <exception cref="TenantNotFoundException">There is no such tenant.</exception>
    public ValueTask<(ShardAssignment Assignment, long Version)> FindAssignment(
        TenantId tenant, CancellationToken cancellationToken) => Run(
            async cancel =>
            {
                var (assignment, version) = await shards.Assignments.Read(tenant.Value, cancel).ConfigureAwait(false);
                if (assignment is not null)
                    return (assignment, version);
                if (!await TenantCollection.Contains(shards.Home.Inner.Store.Storage, tenant.Value, cancel)
                    .ConfigureAwait(false))
                    throw new TenantNotFoundException(tenant);
                // It was created before the store became the home shard.
                await shards.Assignments.Assign(tenant.Value, shards.Home.Shard, cancel).ConfigureAwait(false);
                (assignment, version) = await shards.Assignments.Read(tenant.Value, cancel).ConfigureAwait(false);
                return (assignment ?? throw new TenantNotFoundException(tenant), version);
            },
            cancellationToken);

    /// <summary>Records a new move. Returns false if another node was faster.</summary>
    public ValueTask<bool> TryStart(
        TenantId tenant,
        ShardAssignment assignment,
        long version,
        TenantMoveRecord move,
        CancellationToken cancellationToken) => Run(
            cancel => shards.Assignments.TryChange(
                tenant.Value,
                assignment,
                version,
                TenantMoveRecords.Change(tenant.Value, move, fromVersion: 0),
                cancel),
            cancellationToken);

    /// <summary>
    /// Takes over a move, so that no other call or node can change its record any more. Returns null if the record has
    /// changed since it was read.
    /// </summary>
    public ValueTask<TenantMoveState?> TryTake(
        TenantId tenant, TenantMoveState seen, TenantMovePhase phase, CancellationToken cancellationToken) =>
        TryWrite(
            tenant,
            seen,
            seen.Assignment,
            seen.Move with { Run = seen.Move.Run + 1, Phase = phase },
            cancellationToken);

    /// <summary>
    /// Changes the assignment and the record of a move. Returns the changed state, or null if another call or node has
    /// changed it since.
    /// </summary>
    public async ValueTask<TenantMoveState?> TryWrite(
        TenantId tenant,
        TenantMoveState own,
        ShardAssignment assignment,
        TenantMoveRecord move,
        CancellationToken cancellationToken)
    {
        if (!await TryChange(tenant, own, assignment, move, cancellationToken).ConfigureAwait(false))
            return null;
        var written = await Find(tenant, cancellationToken).ConfigureAwait(false);
        return written is not null && (written.Move.Run, written.Move.Phase) == (move.Run, move.Phase) ? written : null;
    }

    /// <summary>Removes the record of a move that is over. Returns false if another call continues it.</summary>
    public ValueTask<bool> TryEnd(TenantId tenant, TenantMoveState own, CancellationToken cancellationToken) =>
        TryChange(tenant, own, own.Assignment, move: null, cancellationToken);

    /// <summary>Returns whether the record of a move is as it was read.</summary>
    public async ValueTask<bool> IsUnchanged(
        TenantId tenant, TenantMoveState own, CancellationToken cancellationToken) =>
        await Find(tenant, cancellationToken).ConfigureAwait(false) is { } state
        && state.MoveVersion == own.MoveVersion;

    /// <exception cref="TenantMoveException">Another call or node has taken over the move.</exception>
    public async ValueTask ThrowIfChanged(
        TenantId tenant, TenantMoveState own, CancellationToken cancellationToken)
    {
        if (!await IsUnchanged(tenant, own, cancellationToken).ConfigureAwait(false))
            throw TakenOver(tenant);
    }

    /// <summary>Creates the exception for a move that another call or node has taken over.</summary>
    public static TenantMoveException TakenOver(TenantId tenant) => new(
        tenant.Value,
        "another call or node has continued, cancelled or released the move. Call MoveTenant again if it has not "
            + "ended.",
        isTransient: true);

    /// <summary>Creates the exception for a record that others change all the time.</summary>
    public static StorageException Busy() => new(
        "The record of the move could not be changed, because other nodes changed it at the same time. Try again.",
        StorageProblem.Busy);

    private ValueTask<bool> TryChange(
        TenantId tenant,
        TenantMoveState state,
        ShardAssignment assignment,
        TenantMoveRecord? move,
        CancellationToken cancellationToken) => Run(
            cancel => shards.Assignments.TryChange(
                tenant.Value,
                assignment,
                state.AssignmentVersion,
                TenantMoveRecords.Change(tenant.Value, move, state.MoveVersion),
                cancel),
            cancellationToken);

    private ValueTask<T> Run<T>(Func<CancellationToken, ValueTask<T>> work, CancellationToken cancellationToken) =>
        shards.Home.Run((_, cancel) => work(cancel), cancellationToken);
}
