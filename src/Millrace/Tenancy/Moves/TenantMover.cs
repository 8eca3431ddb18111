using Millrace.Sharding;
using Millrace.Storage;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Moves;

/// <summary>Moves tenants between shards. Any node or tool continues or cancels an interrupted move.</summary>
/// <remarks>
/// The record of the move in the home shard decides. Each call takes over the record when it starts, and the assignment
/// changes only together with the record as this call has written it. So a call that another one has overtaken can
/// neither switch nor lift a fence.
/// </remarks>
internal sealed class TenantMover(ShardSet shards) : ITenantMover
{
    private const int MaxPauses = 3;

    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = shards.Home.Inner.Store.Time;
    private readonly TenantMoveHome _home = new(shards);

    /// <summary>Gets or sets what runs after each step, for tests that interrupt a move.</summary>
    public Action<string> AfterStep { get; set; } = static _ => { };

    /// <summary>
    /// Gets or sets the time between the switch and the removal of the former data, in which nodes notice the switch.
    /// </summary>
    public TimeSpan NoticeTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the maximum time during which the tenant is not available.</summary>
    public TimeSpan MaxPause { get; set; } = shards.MaxMovePause;

    public async Task<TenantMoveReport> Move(
        string tenant, ShardId target, IProgress<MaintenanceProgress>? progress, CancellationToken cancellationToken)
    {
        var id = new TenantId(tenant);
        TenantMoveRecord? earlier = null;
        for (var pauses = 1; ; pauses++)
        {
            try
            {
                return await MoveOnce(id, target, earlier, progress, cancellationToken).ConfigureAwait(false);
            }
            catch (TenantPauseTooLongException exception)
            {
                earlier = exception.Move;
                if (pauses >= MaxPauses && !await HasSwitched(id, cancellationToken).ConfigureAwait(false))
                    throw TookTooLong(id, exception.Move);
            }
        }
    }

    /// <param name="id">The tenant.</param>
    /// <param name="target">The new shard.</param>
    /// <param name="earlier">The move that this call continues, unless it was cancelled; null to start one.</param>
    /// <param name="progress">Receives the progress.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    private async Task<TenantMoveReport> MoveOnce(
        TenantId id,
        ShardId target,
        TenantMoveRecord? earlier,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken)
    {
        var own = await Begin(id, target, earlier, cancellationToken).ConfigureAwait(false);
        var report = new TenantMoveReport { Tenant = id.Value, From = own.Move.From, To = own.Move.To };
        if (own.Move.Phase == TenantMovePhase.Copying
            && !await HasLeft(id, own.Move, cancellationToken).ConfigureAwait(false))
            (own, report) = await CopyAndSwitch(id, own, report, progress, cancellationToken).ConfigureAwait(false);
        else
        {
            if (own.Move.Phase == TenantMovePhase.Copying) // The home shard was restored to an earlier state.
                own = await Switch(id, own, cancellationToken).ConfigureAwait(false);
            await CleanUpOf(id).Arrive(own, cancellationToken).ConfigureAwait(false);
        }
        await CleanUp(id, own, cancellationToken).ConfigureAwait(false);
        return report;
    }

    /// <summary>Returns whether a move has switched, although the call that switched it has timed out.</summary>
    private async ValueTask<bool> HasSwitched(TenantId tenant, CancellationToken cancellationToken) =>
        await _home.Find(tenant, cancellationToken).ConfigureAwait(false)
            is { Move.Phase: TenantMovePhase.CleaningUp };

    public async Task<bool> Cancel(string tenant, CancellationToken cancellationToken)
    {
        var id = new TenantId(tenant);
        for (var attempt = 0; attempt < TenantMoveHome.MaxAttempts; attempt++)
        {
            if (await _home.Find(id, cancellationToken).ConfigureAwait(false) is not { } state)
                return false;
            if (state.Move.Phase == TenantMovePhase.CleaningUp
                || await HasLeft(id, state.Move, cancellationToken).ConfigureAwait(false))
            {
                throw new TenantMoveException(
                    tenant,
                    $"it is already in the shard '{state.Move.To}'. Complete the move, and then move it back.");
            }
            if (await _home.TryTake(id, state, TenantMovePhase.Cancelling, cancellationToken).ConfigureAwait(false)
                is not { } own)
                continue;
            AfterStep("cancelling");
            // The tenant can be used again, also if its copy cannot be reached now.
            await PauseOf(id, own.Move).Lift(own, cancellationToken).ConfigureAwait(false);
            AfterStep("released");
            await CleanUpOf(id).RemoveCopy(own, cancellationToken).ConfigureAwait(false);
            if (!await _home.TryEnd(id, own, cancellationToken).ConfigureAwait(false))
                throw TenantMoveHome.TakenOver(id);
            AfterStep("ended");
            return true;
        }
        throw TenantMoveHome.Busy();
    }

    /// <summary>Ends the pause of a move whose mover has stopped.</summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="move">The record of the move, which has not changed during its maximum pause.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public ValueTask ReleaseStopped(TenantId tenant, TenantMoveRecord move, CancellationToken cancellationToken) =>
        PauseOf(tenant, move).Release(move, cancellationToken);

    /// <summary>Lets a tenant be used in its new shard after a mover has stopped between the two shards.</summary>
    public async ValueTask ArriveStopped(TenantId tenant, CancellationToken cancellationToken)
    {
        if (await _home.Find(tenant, cancellationToken).ConfigureAwait(false)
            is { Move.Phase: TenantMovePhase.CleaningUp } state)
            await CleanUpOf(tenant).Arrive(state, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends the pause of a tenant whose move the home shard has forgotten.</summary>
    public ValueTask ReleaseForgotten(
        TenantId tenant, ShardAssignment assignment, CancellationToken cancellationToken) =>
        new TenantPause(tenant, PartOf(tenant, assignment.Shard, assignment.Generation), _home)
            .LiftWithoutRecord(cancellationToken);

    /// <summary>Records the move, or takes over an interrupted one.</summary>
    private async ValueTask<TenantMoveState> Begin(
        TenantId tenant, ShardId target, TenantMoveRecord? earlier, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < TenantMoveHome.MaxAttempts; attempt++)
        {
            var found = await _home.Find(tenant, cancellationToken).ConfigureAwait(false);
            if (earlier is not null && found?.Move.Generation != earlier.Generation)
                throw TenantMoveHome.TakenOver(tenant);
            if (found is { } running)
            {
                ThrowIfOther(tenant, running.Move, target);
                var taken = running with { Move = running.Move with { MaxPause = MaxPause } };
                if (await _home.TryTake(tenant, taken, running.Move.Phase, cancellationToken).ConfigureAwait(false)
                    is { } own)
                    return own;
                continue;
            }
            var (assignment, version) = await _home.FindAssignment(tenant, cancellationToken).ConfigureAwait(false);
            var move = await StartOf(tenant, assignment, target, cancellationToken).ConfigureAwait(false);
            var started = assignment with { LastGeneration = Math.Max(assignment.LastGeneration, move.Generation) };
            if (await _home.TryStart(tenant, started, version, move, cancellationToken).ConfigureAwait(false))
                AfterStep("recorded");
        }
        throw TenantMoveHome.Busy();
    }

    private static void ThrowIfOther(TenantId tenant, TenantMoveRecord running, ShardId target)
    {
        if (running.To != target)
        {
            throw new TenantMoveException(
                tenant.Value,
                $"it is already being moved to the shard '{running.To}'. Complete or cancel this move.");
        }
        if (running.Phase == TenantMovePhase.Cancelling)
        {
            throw new TenantMoveException(
                tenant.Value, "its last move is being cancelled. Call CancelTenantMove again to complete that.");
        }
    }

    /// <summary>Checks a new move before anything is written, and returns its record.</summary>
    private async ValueTask<TenantMoveRecord> StartOf(
        TenantId tenant, ShardAssignment assignment, ShardId target, CancellationToken cancellationToken)
    {
        if (assignment.RemovedAt is not null)
            throw new TenantNotFoundException(tenant);
        if (assignment.IsRemoving)
        {
            throw new TenantMoveException(
                tenant.Value, "it is being removed. Call Tenants.Remove again to complete that.");
        }
        if (assignment.Shard == target)
            throw new TenantMoveException(tenant.Value, $"it is already in the shard '{target}'.");
        var map = await shards.GetFreshMap(cancellationToken).ConfigureAwait(false);
        if (map.Find(target) is null)
        {
            throw new TenantMoveException(
                tenant.Value,
                $"the map does not contain the shard '{target}'. Its shards are: "
                    + $"{string.Join(", ", map.Shards.Select(static one => one.Shard))}.");
        }
        var move = new TenantMoveRecord(
            assignment.Shard,
            target,
            assignment.Generation,
            Math.Max(assignment.Generation, assignment.LastGeneration) + 1,
            TenantMovePhase.Copying,
            _time.GetUtcNow())
        {
            MaxPause = MaxPause,
        };
        var (source, copy) = (SourceOf(tenant, move), TargetOf(tenant, move));
        if (await TenantCatalog.FindIfExists(copy.Storage, tenant, cancellationToken).ConfigureAwait(false)
            is { LeftAt: null } present && present.Generation > assignment.Generation
            && await HasLeft(tenant, move, cancellationToken).ConfigureAwait(false))
            return move with { Generation = present.Generation }; // The home shard was restored to an earlier state.
        await ThrowIfLeft(tenant, source, cancellationToken).ConfigureAwait(false);
        await TenantMoveCheck.ThrowIfNotMovable(tenant, source, copy, cancellationToken).ConfigureAwait(false);
        // A restored home shard does not know the names that its later moves have used there.
        var used = await ArrivalWriter.FindGeneration(copy, tenant, cancellationToken).ConfigureAwait(false);
        return move with { Generation = Math.Max(move.Generation, used + 1) };
    }

    private static async ValueTask ThrowIfLeft(TenantId tenant, TenantPart source, CancellationToken cancellationToken)
    {
        var entry = await TenantCatalog.FindIfExists(source.Storage, tenant, cancellationToken).ConfigureAwait(false);
        if (entry is { MovedTo: { } left })
        {
            throw new TenantMoveException(
                tenant.Value,
                $"its shard has recorded that it moved to '{left}'. The home shard was probably restored to an earlier "
                    + "state: move the tenant to that shard, which records it again.");
        }
        if (entry is not { LeftAt: null } || entry.Generation != source.Generation)
            throw new TenantNotFoundException(tenant);
    }

    /// <summary>
    /// Returns whether the former shard has recorded that the tenant is in its new shard. The record of the move can be
    /// older only after a restore of the home shard.
    /// </summary>
    /// <exception cref="TenantMoveException">The tenant is in neither of the two shards.</exception>
    private async ValueTask<bool> HasLeft(
        TenantId tenant, TenantMoveRecord move, CancellationToken cancellationToken)
    {
        var source = SourceOf(tenant, move);
        var entry = await TenantCatalog.FindIfExists(source.Storage, tenant, cancellationToken).ConfigureAwait(false);
        if (entry is null || entry.LeftAt is null && entry.Generation == move.FromGeneration)
            return false;
        if (entry.MovedTo == move.To.Value && entry.Generation == move.FromGeneration)
            return true;
        throw new TenantMoveException(
            tenant.Value,
            $"it is not in the shard '{move.From}' any more. Were the home shard or this shard restored to an earlier "
                + "state? Restore both to the same time.");
    }

    private async Task<(TenantMoveState Own, TenantMoveReport Report)> CopyAndSwitch(
        TenantId tenant,
        TenantMoveState own,
        TenantMoveReport report,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken)
    {
        var copy = new TenantCopy(tenant, SourceOf(tenant, own.Move), TargetOf(tenant, own.Move), own.Move, progress)
        {
            ThrowIfTakenOver = cancel => _home.ThrowIfChanged(tenant, own, cancel),
        };
        var pause = PauseOf(tenant, own.Move);
        await pause.Lift(own, cancellationToken).ConfigureAwait(false); // The pause of a mover that was killed.
        await copy.CopyWhileUsed(cancellationToken).ConfigureAwait(false);
        var isKilled = false;
        Step("copied");
        var started = _time.GetTimestamp();
        using var limit = new CancellationTokenSource(own.Move.MaxPause, _time);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        TenantMoveState switched;
        try
        {
            await pause.Start(own, Step, limited.Token).ConfigureAwait(false);
            await copy.CopyWhileFenced(limited.Token).ConfigureAwait(false);
            Step("verified");
            await copy.Complete(limited.Token).ConfigureAwait(false);
            Step("completed");
            await pause.ThrowIfLifted(limited.Token).ConfigureAwait(false);
            switched = await Switch(tenant, own, limited.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (!isKilled)
        {
            await ReleaseAfterFailure(pause, own).ConfigureAwait(false);
            if (exception is OperationCanceledException
                && limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
                throw new TenantPauseTooLongException(own.Move);
            throw;
        }
        AfterStep("switched");
        await CleanUpOf(tenant).Arrive(switched, cancellationToken).ConfigureAwait(false);
        var duration = _time.GetElapsedTime(started);
        return (switched, report with { Events = copy.Events, Documents = copy.Documents, Pause = duration });

        void Step(string name)
        {
            isKilled = true;
            AfterStep(name);
            isKilled = false;
        }
    }

    /// <summary>Records that the tenant is in its new shard, unless another call has taken over the move.</summary>
    private async ValueTask<TenantMoveState> Switch(
        TenantId tenant, TenantMoveState own, CancellationToken cancellationToken) =>
        await _home
            .TryWrite(
                tenant,
                own,
                own.Assignment with { Shard = own.Move.To, Generation = own.Move.Generation },
                own.Move with { Phase = TenantMovePhase.CleaningUp },
                cancellationToken)
            .ConfigureAwait(false)
        ?? throw TenantMoveHome.TakenOver(tenant);

    private async ValueTask ReleaseAfterFailure(TenantPause pause, TenantMoveState own)
    {
        using var timeout = new CancellationTokenSource(ReleaseTimeout, _time);
        try
        {
            await pause.Release(own.Move, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
        {
            // The first failure is reported. The nodes end the pause after its maximum time.
        }
    }

    /// <summary>Removes the data of a tenant that is in its new shard from the former shard.</summary>
    private async Task CleanUp(TenantId tenant, TenantMoveState own, CancellationToken cancellationToken)
    {
        await CleanUpOf(tenant).RemoveFormer(own, cancellationToken).ConfigureAwait(false);
        if (await _home.TryEnd(tenant, own, cancellationToken).ConfigureAwait(false))
            AfterStep("ended"); // Otherwise another call has taken over the removal, and ends it.
    }

    private static TenantMoveException TookTooLong(TenantId tenant, TenantMoveRecord move) => new(
        tenant.Value,
        $"its last part could not be copied within {move.MaxPause.TotalSeconds:0} seconds, which is the maximum pause "
            + $"(ShardOptions.MaxMovePause), so that it is used in the shard '{move.From}' again. Most of it is "
            + "copied: try again when it is used less, or with a longer maximum.",
        isTransient: true);

    private TenantPause PauseOf(TenantId tenant, TenantMoveRecord move) => new(tenant, SourceOf(tenant, move), _home);

    private TenantMoveCleanUp CleanUpOf(TenantId tenant) =>
        new(tenant, _home, move => SourceOf(tenant, move), move => TargetOf(tenant, move))
        {
            AfterStep = AfterStep,
            NoticeTime = NoticeTime,
        };

    private TenantPart SourceOf(TenantId tenant, TenantMoveRecord move) =>
        PartOf(tenant, move.From, move.FromGeneration);

    private TenantPart TargetOf(TenantId tenant, TenantMoveRecord move) => PartOf(tenant, move.To, move.Generation);

    private TenantPart PartOf(TenantId tenant, ShardId shard, int generation) =>
        new(shards.Get(shard).Require().Store, tenant, generation);

    /// <summary>The pause of a tenant has ended without a switch, because it reached its maximum.</summary>
    private sealed class TenantPauseTooLongException(TenantMoveRecord move) : Exception
    {
        public TenantMoveRecord Move { get; } = move;
    }
}
