using Millrace.Materializing.Immediate;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Materializing;

/// <summary>
/// Runs the views of a store on a node: refreshes those that are due, stores how often they are read, and removes
/// former collections. Every node checks; a lock lets one of them refresh.
/// </summary>
internal sealed class ViewHost : IStoreService, IDisposable
{
    private static readonly TimeSpan KeepOldVersion = TimeSpan.FromHours(1);
    private static readonly TimeSpan SearchInterval = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ViewSignal _changes = new();
    private readonly ViewServices _services;
    private readonly HostedView[] _views;
    private DateTimeOffset _searchAt = DateTimeOffset.MinValue;
    private Task _running = Task.CompletedTask;

    /// <exception cref="ViewDeclarationException">An immediate view has no asynchronous projection.</exception>
    public ViewHost(ViewServices services, ViewDeclarations declarations)
    {
        _services = services;
        Immediate = ImmediateViews.Create(services, declarations.Immediate);
        _views = [.. declarations.All.Select(view => new HostedView(view, services, _stopping.Token))];
        foreach (var view in _views)
            view.Refresher.Ended = _changes.Set;
        services.States.Changed = () =>
        {
            _changes.Set();
            Immediate.CheckSoon();
        };
        services.Metrics.ObserveAges(Ages);
    }

    /// <summary>
    /// Gets or sets the interval of the checks while nothing happens on this node: 5 seconds. Requests of other
    /// programs are noticed after at most this time.
    /// </summary>
    public TimeSpan CheckInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the minimum pause between two checks: 1 second.</summary>
    public TimeSpan MinPause { get; set; } = TimeSpan.FromSeconds(1);

    public ViewServices Services => _services;

    public IReadOnlyList<HostedView> Views => _views;

    public ImmediateViews Immediate { get; }

    /// <summary>Gets whether a view is being refreshed on this node.</summary>
    public bool IsRefreshing => _views.Any(view => view.Refresher.IsRunning);

    /// <summary>Creates the service of the application.</summary>
    public MaterializedViews CreateService() => new(_services, _views, Immediate);

    /// <exception cref="ViewDeclarationException">A view cannot be used.</exception>
    public async Task Start(CancellationToken cancellationToken)
    {
        foreach (var view in _views)
            await view.View.Check(_services.Sql, cancellationToken).ConfigureAwait(false);
        if (_services.Host.Options.IsEnabled && (_views.Length > 0 || Immediate.All.Count > 0))
            _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
    }

    /// <summary>Cancels the refreshes. The rows of the last refresh remain, and the next node continues.</summary>
    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var view in _views)
        {
            if (view.Refresher.Running is { } refresh)
                await refresh.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        await TryStoreReads(cancellationToken).ConfigureAwait(false);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _changes.Dispose();
        _services.Slots.Dispose();
        _services.Metrics.Dispose();
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        while (true)
        {
            var changed = _changes.Next;
            var head = _services.Store.Tail.Head.Position;
            (TimeSpan? Due, bool WaitsForEvents) next = default;
            try
            {
                next = await Check(cancellationToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // The next check tries again, so no failure may end the service.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                ViewLog.CheckFailed(_services.Logger, CheckInterval.TotalMilliseconds, exception);
            }
            await WaitForNext(next, head, changed, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Waits until a view is due, this node changes a state, or an event arrives that can make a view due, but at least
    /// a second and at most the interval of the checks.
    /// </summary>
    private async Task WaitForNext(
        (TimeSpan? Due, bool WaitsForEvents) next,
        long head,
        CancellationToken changed,
        CancellationToken cancellationToken)
    {
        var time = _services.Store.Time;
        var pause = MinPause < CheckInterval ? MinPause : CheckInterval;
        var remaining = CheckInterval - pause;
        await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        if (next.Due is { } due && due - pause < remaining)
            remaining = due - pause;
        if (remaining <= TimeSpan.Zero)
            return;
        using var limit = new CancellationTokenSource(remaining, time);
        using var any = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, changed, cancellationToken);
        var wait = next.WaitsForEvents
            ? _services.Store.Tail.WaitBeyond(head, any.Token).AsTask()
            : Task.Delay(Timeout.InfiniteTimeSpan, time, any.Token);
        await wait.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Starts the refreshes that are due. They run while further checks follow. Returns the time until the next view is
    /// due, and whether an event can make a view due earlier.
    /// </summary>
    private async ValueTask<(TimeSpan? Due, bool WaitsForEvents)> Check(CancellationToken cancellationToken)
    {
        var now = await _services.Clock.Now(cancellationToken).ConfigureAwait(false);
        await StoreReads(now, cancellationToken).ConfigureAwait(false);
        var records = await _services.States.List(cancellationToken).ConfigureAwait(false);
        var uses = await _services.States.ListUses(cancellationToken).ConfigureAwait(false);
        var next = StartDue(records, uses, now);
        foreach (var record in records)
            await RemoveFormer(record, records, uses.GetValueOrDefault(record.Key), now, cancellationToken)
                .ConfigureAwait(false);
        if (now < _searchAt)
            return next;
        await _services.Cleaner.RemoveUnlisted(Names, cancellationToken)
            .ConfigureAwait(false);
        _searchAt = now + SearchInterval;
        return next;
    }

    private (TimeSpan? Due, bool WaitsForEvents) StartDue(
        IReadOnlyList<ViewRecord> records, IReadOnlyDictionary<string, ViewUse> uses, DateTimeOffset now)
    {
        TimeSpan? next = null;
        var waitsForEvents = false;
        foreach (var view in _views)
        {
            var key = view.View.Key;
            var record = records.FirstOrDefault(record => record.Key == key);
            var due = view.DueAt(record, uses.GetValueOrDefault(key), now);
            if (due <= now)
                _ = view.Refresher.Start(HostedView.NeedOf(record)); // Stop awaits it.
            else if (due is { } later)
                next = next is null || later - now < next ? later - now : next;
            else
                waitsForEvents |= view.IsScheduled; // One with new events has a time, which others do not change.
        }
        return (next, waitsForEvents);
    }

    private IReadOnlyList<string> Names =>
        [.. _views.Select(view => view.View.Name), .. Immediate.All.Select(view => view.View.Name)];

    private async ValueTask RemoveFormer(
        ViewRecord record,
        IReadOnlyList<ViewRecord> all,
        ViewUse? use,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (record.IsDamaged)
            return;
        if (record.Replaced.Any(replaced => replaced.Until <= now))
            await _services.Cleaner.RemoveReplaced(record, now, cancellationToken).ConfigureAwait(false);
        // Nodes of the former declaration may still run. If one reads the view later than this, it builds it again.
        var isBeingBuilt = record.Live is null && record.Building is not null;
        var isOld = HasLostSource(record) || (IsReplaced(record, all) && !isBeingBuilt);
        if (isOld && LastUse(record, use) + KeepOldVersion < now)
            await _services.Cleaner.RemoveAll(record, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns whether another declaration on this node has newer rows.</summary>
    private bool IsReplaced(ViewRecord record, IReadOnlyList<ViewRecord> all)
    {
        if (record is not { Policy: ImmediateCatalog.Policy, Sources: [var source] })
            return _views.Any(view => view.View.Name == record.Name && IsReplacedBy(view.View.Key));
        return Immediate.All.Any(view => view.View.Name == record.Name && IsReplacedBy(view.View.KeyOf(source)));

        bool IsReplacedBy(string key) =>
            key != record.Key
            && all.Any(other => other.Key == key && other.Live is not null && IsNewer(other, record));
    }

    /// <summary>Returns whether the documents of an immediate view were removed.</summary>
    private bool HasLostSource(ViewRecord record) =>
        record is { Policy: ImmediateCatalog.Policy, Sources: [var source] }
        && _services.Store.ReadModels.Find(CollectionName.NameOf(source)) is { } model
        && !model.Contains(source);

    private static bool IsNewer(ViewRecord record, ViewRecord other) =>
        record.Version > other.Version
        || (record.Version == other.Version
            && record.RefreshedAt > (other.RefreshedAt ?? other.FailedAt ?? DateTimeOffset.MinValue));

    /// <summary>Returns the time of the last refresh or read.</summary>
    private static DateTimeOffset LastUse(ViewRecord record, ViewUse? use)
    {
        var refreshed = record.RefreshedAt ?? record.FailedAt ?? DateTimeOffset.MinValue;
        return use is not null && use.At > refreshed ? use.At : refreshed;
    }

    private async ValueTask StoreReads(DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var view in _views)
            await view.StoreReads(now, cancellationToken).ConfigureAwait(false);
        foreach (var view in Immediate.All)
            await view.StoreReads(now, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask TryStoreReads(CancellationToken cancellationToken)
    {
        try
        {
            var now = await _services.Clock.Now(cancellationToken).ConfigureAwait(false);
            await StoreReads(now, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
        {
            ViewLog.CheckFailed(_services.Logger, 0, exception);
        }
    }

    private IEnumerable<(string View, TimeSpan Age)> Ages()
    {
        var now = _services.Store.Time.GetUtcNow();
        foreach (var view in _views)
        {
            if (view.Last?.RefreshedAt is { } refreshed)
                yield return (view.View.Name, now > refreshed ? now - refreshed : TimeSpan.Zero);
        }
    }
}
