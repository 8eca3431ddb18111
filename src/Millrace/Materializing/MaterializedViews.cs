using Millrace.Materializing;
using Millrace.Materializing.Immediate;

namespace Millrace;

/// <summary>Returns the status of a store's materialized views on all nodes, and refreshes them. Thread-safe.</summary>
public sealed class MaterializedViews
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly ViewServices _services;
    private readonly IReadOnlyList<HostedView> _views;
    private readonly ImmediateViews _immediate;

    internal MaterializedViews(ViewServices services, IReadOnlyList<HostedView> views, ImmediateViews immediate) =>
        (_services, _views, _immediate) = (services, views, immediate);

    /// <summary>Returns an object for the views that other nodes refresh, for tools that refresh none.</summary>
    public static MaterializedViews Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        var services = ViewServices.ForTool(store);
        return new MaterializedViews(services, [], ImmediateViews.Create(services, []));
    }

    /// <summary>Returns the views of the store, ordered by name and version.</summary>
    public async ValueTask<IReadOnlyList<ViewStatus>> List(CancellationToken cancellationToken = default)
    {
        var now = await _services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var records = await _services.States.List(cancellationToken).ConfigureAwait(false);
        var uses = await _services.States.ListUses(cancellationToken).ConfigureAwait(false);
        var all = new List<ViewStatus>(records.Count);
        foreach (var record in records)
        {
            var status = StatusOf(record, uses.GetValueOrDefault(record.Key), now) with
            {
                IsDeclared = _views.Any(view => view.View.Key == record.Key) || _immediate.Declares(record),
            };
            all.Add(
                record is { Policy: ImmediateCatalog.Policy, Sources: [var source] }
                    ? await WithProgress(status, record.Key, source, cancellationToken).ConfigureAwait(false)
                    : status);
        }
        return
        [
            .. all.OrderBy(status => status.Name, StringComparer.Ordinal).ThenBy(status => status.Version),
        ];
    }

    /// <summary>
    /// Refreshes a view. If this program declares the view, it can compute the rows. Otherwise, the call requests the
    /// refresh from the nodes of the application, and waits for it.
    /// </summary>
    /// <param name="name">The name, without a version. All versions are refreshed.</param>
    /// <param name="wait">The maximum wait.</param>
    /// <param name="cancellationToken">Ends the wait. The refresh continues.</param>
    /// <returns>The status after the refresh, for each version.</returns>
    /// <exception cref="ViewNotFoundException">The store has no such view.</exception>
    /// <exception cref="ViewRefreshException">The refresh failed.</exception>
    /// <exception cref="TimeoutException">The refresh did not end in time, or no node runs the view.</exception>
    public async Task<IReadOnlyList<ViewStatus>> Refresh(
        string name, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero);
        var now = await _services.Clock.Now(cancellationToken).ConfigureAwait(false);
        var keys = new List<string>();
        foreach (var record in await _services.States.List(cancellationToken).ConfigureAwait(false))
        {
            if (record.Name == name && !record.IsDamaged)
                keys.Add(record.Key);
        }
        var own = _views.Where(view => view.View.Name == name).ToArray();
        if (keys.Count == 0 && own.Length == 0 && _immediate.All.All(view => view.View.Name != name))
            throw await NotFound(name, cancellationToken).ConfigureAwait(false);
        foreach (var key in keys)
            await _services.States.RequestRefresh(key, now, cancellationToken).ConfigureAwait(false);
        if (own.Length > 0)
            await RefreshHere(own, now, wait, cancellationToken).ConfigureAwait(false);
        else
            await WaitFor(name, now, wait, cancellationToken).ConfigureAwait(false);
        var all = await List(cancellationToken).ConfigureAwait(false);
        return [.. all.Where(status => status.Name == name)];
    }

    /// <summary>
    /// Removes the rows and the state of a view that no node declares any more. If a node declares it, it is built
    /// again.
    /// </summary>
    /// <param name="name">The name, without a version. All versions are removed.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ViewNotFoundException">The store has no such view.</exception>
    public async ValueTask Drop(string name, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var isKnown = false;
        foreach (var record in await _services.States.List(cancellationToken).ConfigureAwait(false))
        {
            if (record.Name != name)
                continue;
            isKnown = true;
            await _services.Cleaner.RemoveAll(record, cancellationToken).ConfigureAwait(false);
        }
        if (!isKnown)
            throw await NotFound(name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns the reader of a declared view.</summary>
    internal IMaterializedView<TKey, TRow> Reader<TKey, TRow>(string name)
        where TKey : notnull
        where TRow : class =>
        _immediate.All.FirstOrDefault(view => view.View.Name == name) is { } immediate
            ? new ImmediateReader<TKey, TRow>(immediate)
            : new ViewReader<TKey, TRow>(_views.First(view => view.View.Name == name));

    private static ViewStatus StatusOf(ViewRecord record, ViewUse? use, DateTimeOffset now) => new()
    {
        Name = record.Name,
        Version = record.Version,
        Policy = record.Policy,
        Query = record.Query ?? "code",
        Rows = record.Rows,
        Position = record.Position,
        RefreshedAt = record.RefreshedAt,
        Age = record.RefreshedAt is { } refreshed && now > refreshed ? now - refreshed : TimeSpan.Zero,
        Reads = use?.Reads ?? 0,
        ReadsPerMinute = use?.RateAt(now) ?? 0,
        LastDuration = TimeSpan.FromSeconds(record.DurationSeconds),
        IsRefreshing = record.Building is not null,
        Collection = record.Live,
        Failures = record.Error is null ? 0 : record.Failures,
        Error = record.Error,
    };

    /// <summary>Returns the status of an immediate view with the progress of its rows.</summary>
    private async ValueTask<ViewStatus> WithProgress(
        ViewStatus status, string key, string source, CancellationToken cancellationToken)
    {
        var (state, _) = await new ImmediateStateStore(_services.Store).Find(key, source, cancellationToken)
            .ConfigureAwait(false);
        if (state?.Live is not { } live)
            return status with { Position = 0, Rows = 0, Collection = null };
        var (rows, hasMore) = await new RowCounter(_services.Store.Storage.Documents)
            .Count(live.Collection, cancellationToken)
            .ConfigureAwait(false);
        var partitions = await _services.Store.Storage.Leases.Find(source, cancellationToken).ConfigureAwait(false);
        var isFollowed = partitions is [var only] && only.LeaseEpoch == live.LeaseEpoch && !state.IsUnfollowed;
        return status with
        {
            Position = live.Position,
            Collection = live.Collection,
            Age = isFollowed ? TimeSpan.Zero : status.Age,
            Rows = rows,
            HasMoreRows = hasMore,
        };
    }

    private async Task RefreshHere(
        HostedView[] views, DateTimeOffset since, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(wait, _services.Store.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        foreach (var view in views)
        {
            try
            {
                await view.Refresher.Refresh(new ViewNeed(since, default), either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested)
            {
                throw TooLate(view.View.Name, wait);
            }
        }
    }

    private static TimeoutException TooLate(string name, TimeSpan wait) =>
        new($"The materialized view '{name}' was not refreshed within {wait}. The request remains: a node that "
            + "declares the view refreshes it when it runs.");

    private async Task WaitFor(string name, DateTimeOffset since, TimeSpan wait, CancellationToken cancellationToken)
    {
        var started = _services.Store.Time.GetTimestamp();
        while (true)
        {
            var records = await _services.States.List(cancellationToken).ConfigureAwait(false);
            var own = records.Where(record => record.Name == name).ToArray();
            if (own.FirstOrDefault(record => record.FailedAt > since) is { } failed)
                throw new ViewRefreshException(name, failed.Error ?? "the reason is unknown.");
            // Versions that no node runs any more are not refreshed.
            var newest = own.Length == 0 ? 0 : own.Max(record => record.Version);
            if (own.Length == 0 || own.Any(record => record.Version == newest && record.RefreshedAt >= since))
                return;
            if (_services.Store.Time.GetElapsedTime(started) >= wait)
                throw TooLate(name, wait);
            await Task.Delay(PollInterval, _services.Store.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<ViewNotFoundException> NotFound(string name, CancellationToken cancellationToken)
    {
        var records = await _services.States.List(cancellationToken).ConfigureAwait(false);
        return new ViewNotFoundException(
            name,
            [
                .. records.Select(record => record.Name)
                    .Concat(_views.Select(view => view.View.Name))
                    .Concat(_immediate.All.Select(view => view.View.Name))
                    .Distinct()
                    .Order(StringComparer.Ordinal),
            ]);
    }
}
