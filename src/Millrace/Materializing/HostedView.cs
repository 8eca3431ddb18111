using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>A declared view on a node: its reads, its refreshes, and when it is due.</summary>
internal sealed class HostedView(ViewComputation view, ViewServices services, CancellationToken stopping)
{
    private readonly ViewReads _reads = new();

    public ViewComputation View => view;

    public ViewRefresher Refresher { get; } = new(view, services, stopping);

    public ViewServices Services => services;

    /// <summary>Gets the last state that this node read, for metrics.</summary>
    public ViewRecord? Last { get; private set; }

    /// <summary>Counts a read.</summary>
    public void RecordRead()
    {
        _reads.Add();
        services.Metrics.RecordRead(view.Name);
    }

    /// <summary>Reads the state.</summary>
    public async ValueTask<ViewRecord?> Find(CancellationToken cancellationToken) =>
        Last = (await services.States.Find(view.Key, cancellationToken).ConfigureAwait(false)).Record;

    /// <summary>Stores the counted reads.</summary>
    public ValueTask StoreReads(DateTimeOffset now, CancellationToken cancellationToken) =>
        _reads.Store(services.States, view.Key, now, cancellationToken);

    /// <summary>
    /// Returns the time at which the view must be refreshed; null if only an event, a read or a request makes it due.
    /// </summary>
    public DateTimeOffset? DueAt(ViewRecord? record, ViewUse? use, DateTimeOffset now)
    {
        Last = record;
        if (Refresher.IsRunning || record?.IsDamaged == true)
            return null;
        if (record?.PausedUntil is { } paused && paused > now)
            return paused;
        if (record is not { Live: not null, RefreshedAt: { } refreshed }
            || record.LogEpoch != services.Store.Tail.Head.Epoch
            || record.RequestedAt > refreshed
            || record.Failures > 0)
            return now;
        return IsScheduled && HasChanged(record) ? refreshed + IntervalOf(record, use, now) : null;
    }

    /// <summary>Gets whether an event can make the view due.</summary>
    public bool IsScheduled => view.Refresh.Kind == ViewRefreshKind.Scheduled;

    /// <summary>
    /// Returns what a refresh of a due view must do. If another node has refreshed it since, nothing remains to do.
    /// </summary>
    public static ViewNeed NeedOf(ViewRecord? record)
    {
        var later = record?.RefreshedAt?.AddTicks(1);
        return new ViewNeed(record?.RequestedAt > later ? record.RequestedAt : later, default);
    }

    /// <summary>Returns whether the rows can differ from those of a refresh now.</summary>
    public bool HasChanged(ViewRecord record) =>
        view.DependsOnTime
        || record.BlockedEvents > 0
        || services.Store.Tail.Head.Position > record.Position
        || record.Sources.Any(HasOtherSource);

    private TimeSpan IntervalOf(ViewRecord record, ViewUse? use, DateTimeOffset now) => RefreshSchedule.IntervalOf(
        view.Refresh, use?.RateAt(now) ?? 0, TimeSpan.FromSeconds(record.DurationSeconds));

    /// <summary>Returns whether a new version or build of a read model is read instead of a collection.</summary>
    private bool HasOtherSource(string collection) =>
        services.Store.ReadModels.Find(CollectionName.NameOf(collection)) is { } known && known.Live != collection;
}
