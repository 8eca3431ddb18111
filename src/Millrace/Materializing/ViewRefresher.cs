using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>
/// Refreshes a view: fills a new collection, and switches readers to it with one write. On a node, concurrent callers
/// share a refresh. Between nodes, a lock lets one node refresh, and its token keeps a node that lost the lock from
/// switching.
/// </summary>
internal sealed class ViewRefresher(ViewComputation view, ViewServices services, CancellationToken stopping)
{
    /// <summary>The time for which a former collection remains, for reads that have already started.</summary>
    public static readonly TimeSpan KeepReplaced = TimeSpan.FromSeconds(30);

    private const int MaxProblemLength = 4_000;
    private const string SqlQuery = "sql";

    private static readonly TimeSpan LockDuration = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<ViewRecord>? _running;

    /// <summary>Gets the refresh that runs on this node, for the node's stop; null if none has started.</summary>
    public Task? Running
    {
        get
        {
            lock (_lock)
                return _running;
        }
    }

    /// <summary>Gets or sets the action that is called when a refresh on this node has ended.</summary>
    public Action Ended { get; set; } = static () => { };

    /// <summary>Gets whether a refresh is running on this node.</summary>
    public bool IsRunning => Running is { IsCompleted: false };

    /// <summary>Starts a refresh, or joins one that is running. The task belongs to this object.</summary>
    public Task<ViewRecord> Start(ViewNeed need) => StartOrJoin(need).Refresh;

    /// <summary>
    /// Refreshes until the need is met or a refresh that started for it has ended. A joined refresh may have started
    /// too early.
    /// </summary>
    public async Task<ViewRecord> Refresh(ViewNeed need, CancellationToken cancellationToken)
    {
        var (refresh, isJoined) = StartOrJoin(need);
        var record = await refresh.WaitAsync(cancellationToken).ConfigureAwait(false);
        return !isJoined || need.IsMetBy(record)
            ? record
            : await Start(need).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private (Task<ViewRecord> Refresh, bool IsJoined) StartOrJoin(ViewNeed need)
    {
        lock (_lock)
        {
            if (_running is { IsCompleted: false } running)
                return (running, true);
            _running = Task.Run(() => Run(need), CancellationToken.None);
            // Callers may have ended their wait. The error is logged and stored.
            _ = _running.ContinueWith(
                ended =>
                {
                    _ = ended.Exception;
                    Ended();
                },
                CancellationToken.None,
                TaskContinuationOptions.None,
                TaskScheduler.Default);
            return (_running, false);
        }
    }

    private async Task<ViewRecord> Run(ViewNeed need)
    {
        var started = services.Store.Time.GetTimestamp();
        try
        {
            return await RunLocked(need).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw;
        }
        catch (LockUnavailableException exception)
        {
            // Nothing failed here. The other node stores its own failure.
            throw new ViewRefreshException(view.Name, "another node refreshes it and has not ended yet.", exception);
        }
#pragma warning disable CA1031 // The query is code of the application. The error is stored, and shown to operators.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var problem = UntrustedText.Clip(exception.Message, MaxProblemLength);
            var duration = services.Store.Time.GetElapsedTime(started);
            services.Metrics.RecordFailure(view.Name, duration);
            ViewLog.Failed(services.Logger, view.Key, exception);
            await TryStoreFailure(problem, duration).ConfigureAwait(false);
            throw new ViewRefreshException(view.Name, problem, exception);
        }
    }

    /// <summary>Waits for the lock and then for a slot, so that a wait for another node delays no other view.</summary>
    private async Task<ViewRecord> RunLocked(ViewNeed need)
    {
        var request = new LockRequest($"view:{view.Key}")
        {
            Duration = LockDuration,
            Wait = view.Refresh.Timeout < TimeSpan.FromHours(1) ? view.Refresh.Timeout : TimeSpan.FromHours(1),
        };
        var held = await services.Locks.Acquire(request, stopping).ConfigureAwait(false);
        await using var _ = held.ConfigureAwait(false);
        await services.Slots.WaitAsync(stopping).ConfigureAwait(false);
        try
        {
            return await RunLimited(need, held).ConfigureAwait(false);
        }
        finally
        {
            services.Slots.Release();
        }
    }

    private async Task<ViewRecord> RunLimited(ViewNeed need, HeldLock held)
    {
        using var limit = new CancellationTokenSource(view.Refresh.Timeout, services.Store.Time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(held.Lost, limit.Token, stopping);
        try
        {
            return await RunAlone(need, held.Token, any.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (held.Lost.IsCancellationRequested)
        {
            throw new LockLostException(held.Name, held.Token);
        }
        catch (Exception exception) when (limit.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"it did not end within {view.Refresh.Timeout}. Make the query faster, or raise its Timeout.",
                exception);
        }
    }

    private async Task<ViewRecord> RunAlone(ViewNeed need, long fence, CancellationToken cancellationToken)
    {
        var (record, _) = await services.States.Find(view.Key, cancellationToken).ConfigureAwait(false);
        if (need.IsMetBy(record))
            return record!; // Another node refreshed while this one waited. Not null, because the need is met.
        var started = services.Store.Time.GetTimestamp();
        var begun = await Begin(record, fence, cancellationToken).ConfigureAwait(false);
        var filled = await Fill(begun, need.After, cancellationToken).ConfigureAwait(false);
        var duration = services.Store.Time.GetElapsedTime(started);
        var switched = await Switch(begun, filled with { DurationSeconds = duration.TotalSeconds }, cancellationToken)
            .ConfigureAwait(false);
        services.Metrics.RecordRefresh(view.Name, duration);
        ViewLog.Refreshed(services.Logger, view.Key, switched.Rows, switched.Position, duration.TotalMilliseconds);
        return switched;
    }

    /// <summary>
    /// Notes the collection that is filled now, and then removes what an interrupted refresh left behind. The note is
    /// written first: after it, a node that still fills that collection cannot switch to it.
    /// </summary>
    private async ValueTask<ViewRecord> Begin(ViewRecord? record, long fence, CancellationToken cancellationToken)
    {
        var now = await services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var build = await NextBuild(record, now, cancellationToken).ConfigureAwait(false);
        var begun = await services.States
                .Change(
                    view.Key,
                    stored => BegunFrom(stored ?? NewRecord(), build, fence, now),
                    cancellationToken)
                .ConfigureAwait(false)
            ?? throw Superseded();
        if (begun.Replaced.Any(replaced => replaced.Until <= now))
            await services.Cleaner.RemoveReplaced(begun, now, cancellationToken).ConfigureAwait(false);
        return begun;
    }

    /// <summary>
    /// Returns the number of a build whose collection does not exist. The first number follows from the time, so that a
    /// view that was removed and is declared again finds no rows of before.
    /// </summary>
    private async ValueTask<long> NextBuild(
        ViewRecord? record, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var build = record is null ? now.ToUnixTimeMilliseconds() : record.Builds + 1;
        while (await services.Store.Storage.Documents
            .HasCollection(view.CollectionOf(build), cancellationToken)
            .ConfigureAwait(false))
            build++;
        return build;
    }

    private ViewRecord BegunFrom(ViewRecord stored, long build, long fence, DateTimeOffset now)
    {
        build = Math.Max(build, stored.Builds + 1);
        return stored with
        {
            Builds = build,
            Building = view.CollectionOf(build),
            Fence = fence,
            Replaced = stored.Building is { } interrupted
                ? [.. stored.Replaced, new ReplacedCollection(interrupted, now)]
                : stored.Replaced,
        };
    }

    private ViewRecord NewRecord() =>
        new() { Name = view.Name, Version = view.Version, Declaration = view.Declaration };

    /// <summary>Computes the rows and writes them. Returns what they reflect.</summary>
    private async Task<ViewRecord> Fill(ViewRecord begun, ReadAfter after, CancellationToken cancellationToken)
    {
        var store = services.Store;
        var collection = begun.Building!; // Set by Begin.
        var definition = new CollectionDefinition(collection, view.Columns);
        await store.Storage.Documents.EnsureCollection(definition, cancellationToken).ConfigureAwait(false);
        store.IndexRequests.Add(definition);
        var now = await services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var token = await store.GetToken(cancellationToken).ConfigureAwait(false);
        var end = new LogHead(token.LogEpoch, token.Position);
        if (after.Token.LogEpoch != end.Epoch || after.Token.Position > end.Position)
            after = default; // No read model can reach it.
        var source = new ViewSource(
            services.Host, services.Projections, services.Sql, after, end, now, cancellationToken);
        var writer = new ViewRowWriter(store, services.Host.Options);
        var rows = await writer.Write(view.Compute(source, collection, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        return begun with
        {
            RefreshedAt = now,
            Rows = rows,
            LogEpoch = end.Epoch,
            Position = source.Position,
            BlockedEvents = source.BlockedEvents,
            Sources = source.Collections,
        };
    }

    /// <summary>Makes the filled collection the one that readers use.</summary>
    private async ValueTask<ViewRecord> Switch(
        ViewRecord begun, ViewRecord filled, CancellationToken cancellationToken)
    {
        var now = await services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var switched = await services.States
            .Change(
                view.Key,
                stored => stored is null || stored.Fence != begun.Fence || stored.Building != begun.Building
                    ? null
                    : SwitchedFrom(stored, filled, now),
                cancellationToken)
            .ConfigureAwait(false);
        return switched ?? throw Superseded();
    }

    private ViewRecord SwitchedFrom(ViewRecord stored, ViewRecord filled, DateTimeOffset now) => filled with
    {
        Policy = view.Refresh.ToString(),
        Query = view.IsSql ? SqlQuery : null,
        Live = filled.Building,
        Building = null,
        Replaced = stored.Live is { } former
            ? [.. stored.Replaced, new ReplacedCollection(former, now + KeepReplaced)]
            : stored.Replaced,
        RequestedAt = stored.RequestedAt <= filled.RefreshedAt ? null : stored.RequestedAt,
        Failures = 0,
        FailedAt = null,
        Error = null,
    };

    private async ValueTask TryStoreFailure(string problem, TimeSpan duration)
    {
        try
        {
            var now = await services.Clock.Now(stopping).ConfigureAwait(false);
            await services.States
                .Change(
                    view.Key,
                    stored => (stored ?? NewRecord()) with
                    {
                        Policy = view.Refresh.ToString(),
                        Query = view.IsSql ? SqlQuery : null,
                        Failures = (stored?.Failures ?? 0) + 1,
                        // A request that came during the refresh is not answered by it.
                        FailedAt = stored?.IsRequestedAfter(now - duration) == true ? null : now,
                        Error = problem,
                    },
                    stopping)
                .ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
        {
            ViewLog.NotNoted(services.Logger, view.Key, exception);
        }
    }

    private ViewRefreshException Superseded() =>
        new(view.Name, "another node refreshes it, because this node was suspended for too long.");
}
