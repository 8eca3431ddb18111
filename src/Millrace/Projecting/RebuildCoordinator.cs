using System.Collections.Concurrent;
using Millrace.Consuming;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Projecting;

/// <summary>
/// Adapts this node's consumers to the catalog of read models. It starts builds that any node requested, ends dropped
/// builds, and switches to builds that have caught up.
/// </summary>
internal sealed class RebuildCoordinator : IStoreService, IDisposable
{
    private static readonly TimeSpan ShortInterval = TimeSpan.FromMilliseconds(20);

    private readonly List<ProjectionDefinition> _definitions = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly ConsumerHost _host;
    private readonly RebuildService _rebuilds;
    private readonly ProgressWaiter _waiter;
    private readonly RetiredCollectionCleaner _cleaner;
    private readonly ConcurrentDictionary<string, bool> _loggedObjections = new(StringComparer.Ordinal);
    private Task _running = Task.CompletedTask;
    private volatile bool _isStopped;

    private RebuildCoordinator(ConsumerHost host)
    {
        _host = host;
        _rebuilds = new RebuildService(host);
        _waiter = new ProgressWaiter(host);
        _cleaner = new RetiredCollectionCleaner(host, _definitions);
    }

    private ReadModelCatalog Catalog => _host.Store.ReadModels;

    private IDocumentStorage Documents => _host.Store.Storage.Documents;

    /// <summary>Returns the coordinator of a host, and creates it if there is none.</summary>
    public static RebuildCoordinator Of(ConsumerHost host)
    {
        if (host.CompanionService is RebuildCoordinator existing)
            return existing;
        var coordinator = new RebuildCoordinator(host);
        host.CompanionService = coordinator;
        return coordinator;
    }

    /// <summary>Adds a projection. The host must not be started yet.</summary>
    public void Add(ProjectionDefinition definition) => _definitions.Add(definition);

    public async Task Start(CancellationToken cancellationToken)
    {
        await RunOnce(cancellationToken).ConfigureAwait(false);
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // This also waits for a run that another component requested. After that run, no consumer is added or removed.
        var hasGate = await _gate.WaitAsync(_host.Options.StopTimeout, cancellationToken).ConfigureAwait(false);
        _isStopped = true;
        if (hasGate)
            _gate.Release();
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _gate.Dispose();
    }

    /// <summary>Runs once. Returns when this node's consumers match the catalog.</summary>
    public async ValueTask RunOnce(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Catalog.Refresh(cancellationToken).ConfigureAwait(false);
            if (!_host.Options.IsEnabled || _isStopped)
                return;
            foreach (var definition in _definitions)
            {
                await Register(definition, cancellationToken).ConfigureAwait(false);
                await Reconcile(definition, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task Run(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var isNear = false;
            try
            {
                await RunOnce(stopping).ConfigureAwait(false);
                isNear = await SwitchCaughtUpRebuilds(stopping).ConfigureAwait(false);
                await _cleaner.RunOnce(stopping).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop retries while the storage fails.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ConsumerLog.CannotLook(_host.Logger, exception);
            }
            var pause = isNear && ShortInterval < _host.Options.LookEvery ? ShortInterval : _host.Options.LookEvery;
            await Task.Delay(pause, _host.Store.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>
    /// Adds a projection to the catalog. If the version is newer than the live version, its build starts in a separate
    /// collection.
    /// </summary>
    private async ValueTask Register(ProjectionDefinition definition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = Catalog.Find(definition.Name) is { } record
                ? WithVersion(record, definition, await _rebuilds.RetiredUntil(cancellationToken).ConfigureAwait(false))
                : await CreateFirstRow(definition, cancellationToken).ConfigureAwait(false);
            if (next is null || await Catalog.Put(next, null, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    /// <summary>
    /// Returns the first row of a read model. Stored documents of an older version are read until this version has
    /// caught up.
    /// </summary>
    private async ValueTask<ReadModelRecord> CreateFirstRow(
        ProjectionDefinition definition, CancellationToken cancellationToken)
    {
        string? olderCollection = null;
        foreach (var existing in await Documents.List(cancellationToken).ConfigureAwait(false))
        {
            var name = existing.Definition.Name;
            if (CollectionName.NameOf(name) != definition.Name || CollectionName.VersionOf(name) > definition.Version)
                continue;
            if (olderCollection is null || CollectionName.VersionOf(name) > CollectionName.VersionOf(olderCollection))
                olderCollection = name;
        }
        var isNew = olderCollection is null || CollectionName.VersionOf(olderCollection) == definition.Version;
        return new ReadModelRecord
        {
            Name = definition.Name,
            Live = isNew ? definition.Collection : olderCollection!, // Not null unless the read model is new.
            Building = isNew ? null : definition.Collection,
            SwitchesAutomatically = _host.Options.SwitchBuilds == BuildSwitch.Automatic,
            Builds = 1,
        };
    }

    /// <summary>
    /// Returns the row with this version, or null if the row is unchanged. The newest version is built. An older
    /// version without a collection gets its own collection.
    /// </summary>
    private ReadModelRecord? WithVersion(ReadModelRecord record, ProjectionDefinition definition, DateTimeOffset until)
    {
        string?[] activeCollections = [record.Live, record.Building, record.Kept];
        var retired = VersionCollections.RetiredOf(record, definition.Version);
        var newest = activeCollections.Max(collection => collection is null ? 0 : CollectionName.VersionOf(collection));
        if (newest < definition.Version)
        {
            var switchesAutomatically = _host.Options.SwitchBuilds == BuildSwitch.Automatic;
            var building = retired ?? definition.Collection;
            return ReadModelChanges.BuildVersion(record, building, switchesAutomatically, until);
        }
        return VersionCollections.HasOf(record, definition.Version)
            ? null
            : ReadModelChanges.Retain(record, definition.Collection, until);
    }

    private async ValueTask Reconcile(ProjectionDefinition definition, CancellationToken cancellationToken)
    {
        var maintained = VersionCollections.MaintainedBy(Catalog.Find(definition.Name), definition).ToArray();
        foreach (var collection in maintained)
        {
            if (_host.Find(collection) is not null || CreateProcessor(collection) is not { } processor)
                continue;
            // The processor is not null, because the call above has created one.
            await _host
                .AddRunning(processor, other => CreateProcessor(other)!, cancellationToken)
                .ConfigureAwait(false);
        }

        ConsumerProcessor? CreateProcessor(string collection) =>
            definition.CreateProcessor(_host.Store, _host.Options, collection);

        foreach (var consumer in _host.All)
        {
            if (CollectionName.FirstOf(consumer.Name) != definition.Collection || maintained.Contains(consumer.Name))
                continue;
            await _host.Remove(consumer, cancellationToken).ConfigureAwait(false);
            // A node that did not know of the removal may have created the collection again. The last node that
            // releases the collection removes it.
            await _rebuilds.Remove(consumer.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Switches to builds that run on this node and have caught up. Returns true if a build has almost caught up, so
    /// that the caller should check again soon.
    /// </summary>
    public async ValueTask<bool> SwitchCaughtUpRebuilds(CancellationToken cancellationToken)
    {
        var isNear = false;
        foreach (var record in Catalog.All)
        {
            if (!record.SwitchesAutomatically || record.Building is not { } building)
                continue;
            if (!await IsNear(building, cancellationToken).ConfigureAwait(false))
                continue;
            if (await _rebuilds.Objection(record, building, cancellationToken).ConfigureAwait(false) is { } objection)
            {
                if (_loggedObjections.TryAdd(building, true)) // The objection is logged only once.
                    ConsumerLog.DoesNotTakeOver(_host.Logger, record.Name, objection);
                continue;
            }
            _loggedObjections.TryRemove(building, out _);
            var until = await _rebuilds.RetiredUntil(cancellationToken).ConfigureAwait(false);
            var next = ReadModelChanges.Switch(record, building, until)!; // The row contains this build.
            isNear |= !await _rebuilds.TrySwitch(record, next, cancellationToken).ConfigureAwait(false);
        }
        return isNear;
    }

    /// <summary>
    /// Returns true if a build has almost caught up on all nodes. This node runs at least some of its partitions.
    /// </summary>
    private async ValueTask<bool> IsNear(string building, CancellationToken cancellationToken)
    {
        var runsHere = false;
        foreach (var consumer in _host.FindAll(building))
        {
            if (consumer.Lease is null)
                continue;
            if (consumer.Progress.State != ConsumerState.Live
                || LagOf(consumer.Progress.Position) > _host.Options.BatchEvents)
                return false;
            runsHere = true;
        }
        if (!runsHere)
            return false;
        var reached = await _waiter
            .Wait(building, long.MaxValue, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        return LagOf(reached) <= _host.Options.BatchEvents;
    }

    private long LagOf(long position) => _host.Store.Tail.Head.Position - position;
}
