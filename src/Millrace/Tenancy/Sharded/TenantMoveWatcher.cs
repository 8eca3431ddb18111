using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Sharding;
using Millrace.Tenancy.Moves;
using Millrace.Tenancy.Shared;

namespace Millrace.Tenancy.Sharded;

/// <summary>
/// Notices on this node that a tenant is being moved to another shard. Stops the consumers of the tenant, lets callers
/// wait until the move is over, and then opens the tenant in its shard again. If the mover has stopped, ends the pause.
/// </summary>
internal sealed partial class TenantMoveWatcher(
    ShardedTenants storage, OpenTenants openTenants, TimeProvider time, ILogger logger)
    : IDisposable
{
    private static readonly TimeSpan MoverTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxPoll = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<TenantId, WatchedTenant> _watched = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TenantMover _mover = new(storage.Shards);

    /// <summary>
    /// Gets or sets the time after which a node ends a pause; null for the maximum pause, and some time for the mover
    /// to end it.
    /// </summary>
    public TimeSpan? ReleaseAfter { get; set; }

    /// <summary>Starts to receive the changes of the fences of all shards.</summary>
    public void Start()
    {
        foreach (var shard in storage.All)
            shard.FenceChanged += Inspect;
    }

    public async Task Stop()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_watched.Values.Select(static one => one.Ended.Task))
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    /// <summary>Inspects a tenant whose fence may have changed, unless that is already being done.</summary>
    private void Inspect(TenantId tenant)
    {
        if (_stopping.IsCancellationRequested)
            return;
        var added = new WatchedTenant();
        var watched = _watched.GetOrAdd(tenant, added);
        watched.HasChanged = true;
        if (watched == added)
            _ = Task.Run(() => Watch(tenant, watched)); // Completes the task that Stop awaits.
    }

    private async Task Watch(TenantId tenant, WatchedTenant watched)
    {
        try
        {
            await Watch(tenant, watched, _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node stops.
        }
#pragma warning disable CA1031 // The next commit or entry that the fence refuses inspects the tenant again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CannotInspect(logger, tenant.Value, exception);
        }
        finally
        {
            _watched.TryRemove(tenant, out _);
            watched.Ended.TrySetResult();
        }
        if (watched.HasChanged)
            Inspect(tenant); // The fence has changed since its last inspection.
    }

    private async Task Watch(TenantId tenant, WatchedTenant watched, CancellationToken cancellationToken)
    {
        var wasOpen = false;
        var isHeld = false;
        var pause = new ObservedPause(time);
        try
        {
            for (var poll = FirstPoll; ; poll = poll * 2 < MaxPoll ? poll * 2 : MaxPoll)
            {
                watched.HasChanged = false;
                var isMoving = await IsMoving(tenant, watched, pause, cancellationToken).ConfigureAwait(false);
                // The move may be over before this node notices it. Its store is then opened again.
                if (!isHeld && (isMoving || watched.HasClosed))
                {
                    isHeld = openTenants.TryHold(tenant, out wasOpen);
                    Log.Held(logger, tenant.Value);
                }
                if (!isMoving)
                    break;
                await Task.Delay(poll, time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (isHeld)
                openTenants.EndHold(tenant);
        }
        if (wasOpen)
            await Reopen(tenant, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns whether the tenant cannot be opened in its shard at present. If it has moved, makes all operations on
    /// its former data fail.
    /// </summary>
    private async ValueTask<bool> IsMoving(
        TenantId tenant, WatchedTenant watched, ObservedPause pause, CancellationToken cancellationToken)
    {
        var isFenced = false;
        try
        {
            // The home shard is only needed if the fence in the tenant's shard is closed.
            var known = storage.Shards.Assignments.FindKnown(tenant.Value);
            if (known is not null)
                CloseMoved(tenant, known.Generation, watched);
            if (known is not null && FindOpen(known) is { } former)
            {
                var seen = await ReadFence(former, tenant, known, cancellationToken).ConfigureAwait(false);
                if (seen.CanBeOpened)
                    return false;
                isFenced = true;
                if (seen.Kind == PlatformEvents.TenantMoved)
                    CloseMoved(tenant, known.Generation + 1, watched); // Its present names are in another shard.
            }
            if (await storage.Refresh(tenant, cancellationToken).ConfigureAwait(false) is not { } assignment)
                return false;
            CloseMoved(tenant, assignment.Generation, watched);
            if (FindOpen(assignment) is not { } shard)
                return false; // The next caller gets the reason.
            var fence = await ReadFence(shard, tenant, assignment, cancellationToken).ConfigureAwait(false);
            if (!fence.CanBeOpened)
                await EndStopped(tenant, assignment, pause, cancellationToken).ConfigureAwait(false);
            return !fence.CanBeOpened;
        }
        catch (MillraceException exception)
        {
            Log.CannotInspect(logger, tenant.Value, exception);
            return isFenced;
        }
    }

    /// <summary>Makes all operations on data of the tenant fail that has other names than its present ones.</summary>
    private void CloseMoved(TenantId tenant, int generation, WatchedTenant watched)
    {
        foreach (var shard in storage.All)
            watched.HasClosed |= shard.CloseMoved(tenant, generation);
    }

    /// <summary>Ends the pause of a tenant whose mover has not changed the record during the maximum pause.</summary>
    private async ValueTask EndStopped(
        TenantId tenant, ShardAssignment assignment, ObservedPause pause, CancellationToken cancellationToken)
    {
        var (move, _) = await storage.ReadMove(tenant, cancellationToken).ConfigureAwait(false);
        var maxPause = move is { Phase: TenantMovePhase.Copying or TenantMovePhase.Cancelling }
            ? move.MaxPause
            : TimeSpan.Zero; // The copy is complete.
        if (!pause.IsOver(move, ReleaseAfter ?? (maxPause + MoverTime)))
            return;
        if (move is null)
        {
            await _mover.ReleaseForgotten(tenant, assignment, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (move.Phase == TenantMovePhase.CleaningUp)
        {
            await _mover.ArriveStopped(tenant, cancellationToken).ConfigureAwait(false);
            return;
        }
        Log.Stopped(logger, tenant.Value, move.To.Value, move.MaxPause);
        await _mover.ReleaseStopped(tenant, move, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens the tenant, so that its consumers continue. It is closed when it is idle.</summary>
    private async Task Reopen(TenantId tenant, CancellationToken cancellationToken)
    {
        try
        {
            var open = await openTenants.Enter(tenant, cancellationToken).ConfigureAwait(false);
            openTenants.Leave(open);
        }
        catch (MillraceException exception)
        {
            Log.CannotInspect(logger, tenant.Value, exception); // The next caller or visit opens it.
        }
    }

    private SharedTenants? FindOpen(ShardAssignment assignment) =>
        storage.Shards.Find(assignment.Shard) is { State: ShardState.Open, Inner: SharedTenants shard } ? shard : null;

    private static ValueTask<TenantFenceState> ReadFence(
        SharedTenants shard, TenantId tenant, ShardAssignment assignment, CancellationToken cancellationToken) =>
        TenantFences.Read(
            shard.Store.Storage, TenantFences.StreamOf(tenant, assignment.Generation), cancellationToken);

    /// <summary>A tenant that is being inspected.</summary>
    private sealed class WatchedTenant
    {
        private volatile bool _hasChanged;

        /// <summary>Gets or sets whether the fence may have changed since the start of its last inspection.</summary>
        public bool HasChanged
        {
            get => _hasChanged;
            set => _hasChanged = value;
        }

        /// <summary>Gets or sets whether an open storage was closed, because the tenant has moved.</summary>
        public bool HasClosed { get; set; }

        /// <summary>Gets the source of a task that completes when the inspection has ended.</summary>
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>For how long this node has seen a tenant paused by the same run of its move.</summary>
    private sealed class ObservedPause(TimeProvider time)
    {
        private (long Run, TenantMovePhase Phase)? _state;
        private long _since = time.GetTimestamp();

        public bool IsOver(TenantMoveRecord? move, TimeSpan limit)
        {
            (long, TenantMovePhase)? state = move is null ? null : (move.Run, move.Phase);
            if (_state != state)
                (_state, _since) = (state, time.GetTimestamp());
            return time.GetElapsedTime(_since) > limit;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 7011,
            Level = LogLevel.Information,
            Message = "The tenant {Tenant} is moving to another shard; callers wait until it can be used again.")]
        public static partial void Held(ILogger logger, string tenant);

        [LoggerMessage(
            EventId = 7012,
            Level = LogLevel.Warning,
            Message = "Cannot determine whether the tenant {Tenant} has moved to another shard; retrying.")]
        public static partial void CannotInspect(ILogger logger, string tenant, Exception exception);

        [LoggerMessage(
            EventId = 7013,
            Level = LogLevel.Warning,
            Message = "The move of the tenant {Tenant} to the shard {Shard} has stopped during its pause, whose "
                + "maximum is {MaxPause}. The tenant is used in its former shard again. Continue or cancel the move.")]
        public static partial void Stopped(ILogger logger, string tenant, string shard, TimeSpan maxPause);
    }
}
