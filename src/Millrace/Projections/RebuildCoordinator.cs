using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Brings this node's consumers into line with the catalogue of read models: begins builds that were asked for
/// anywhere, ends those that were dropped, and has builds that have caught up take over.
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
    private readonly ConcurrentDictionary<string, bool> _objected = new(StringComparer.Ordinal);
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

    /// <summary>The keeper of a host; made when there is none.</summary>
    public static RebuildCoordinator Of(ConsumerHost host)
    {
        if (host.CompanionService is RebuildCoordinator there)
            return there;
        var keeper = new RebuildCoordinator(host);
        host.CompanionService = keeper;
        return keeper;
    }

    /// <summary>Adds a projection, before the host is started.</summary>
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
        // Also after whoever asked for a look from outside: from here on nobody adds or removes a consumer.
        var isMine = await _gate.WaitAsync(_host.Options.StopTimeout, cancellationToken).ConfigureAwait(false);
        _isStopped = true;
        if (isMine)
            _gate.Release();
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _gate.Dispose();
    }

    /// <summary>Looks now; returns when this node's consumers are what the catalogue says.</summary>
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
#pragma warning disable CA1031 // The top of the keeper's loop: while the storage fails, it is tried again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                ConsumerLog.CannotLook(_host.Logger, exception);
            }
            var pause = isNear && ShortInterval < _host.Options.LookEvery ? ShortInterval : _host.Options.LookEvery;
            await Task.Delay(pause, _host.Store.Time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Enters a projection into the catalogue; a version newer than the live one is to be built beside
    /// it.</summary>
    private async ValueTask Register(ProjectionDefinition definition, CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = Catalog.Find(definition.Name) is { } record
                ? Entered(record, definition, await _rebuilds.RetiredUntil(cancellationToken).ConfigureAwait(false))
                : await First(definition, cancellationToken).ConfigureAwait(false);
            if (next is null || await Catalog.Put(next, null, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    /// <summary>The first row: what stands in the store from an older version is served until this one has caught
    /// up.</summary>
    private async ValueTask<ReadModelRecord> First(ProjectionDefinition definition, CancellationToken cancellationToken)
    {
        string? older = null;
        foreach (var there in await Documents.List(cancellationToken).ConfigureAwait(false))
        {
            var name = there.Definition.Name;
            if (CollectionName.NameOf(name) != definition.Name || CollectionName.VersionOf(name) > definition.Version)
                continue;
            if (older is null || CollectionName.VersionOf(name) > CollectionName.VersionOf(older))
                older = name;
        }
        var isNew = older is null || CollectionName.VersionOf(older) == definition.Version;
        return new ReadModelRecord
        {
            Name = definition.Name,
            Live = isNew ? definition.Collection : older!, // There is one when this is not new.
            Building = isNew ? null : definition.Collection,
            SwitchesAutomatically = _host.Options.SwitchBuilds == BuildSwitch.Automatic,
            Builds = 1,
        };
    }

    /// <summary>
    /// What a row says when this version runs: one that is newer than all is built, an older one that has no collection
    /// gets one beside the others. Null when it says so already.
    /// </summary>
    private ReadModelRecord? Entered(ReadModelRecord record, ProjectionDefinition definition, DateTimeOffset until)
    {
        string?[] named = [record.Live, record.Building, record.Kept];
        var own = VersionCollections.RetiredOf(record, definition.Version);
        var newest = named.Max(one => one is null ? 0 : CollectionName.VersionOf(one));
        if (newest < definition.Version)
        {
            var switchesAutomatically = _host.Options.SwitchBuilds == BuildSwitch.Automatic;
            return ReadModelChanges.Raise(record, own ?? definition.Collection, switchesAutomatically, until);
        }
        return VersionCollections.HasOf(record, definition.Version)
            ? null
            : ReadModelChanges.Retain(record, definition.Collection, until);
    }

    private async ValueTask Reconcile(ProjectionDefinition definition, CancellationToken cancellationToken)
    {
        var wanted = VersionCollections.MaintainedBy(Catalog.Find(definition.Name), definition).ToArray();
        foreach (var collection in wanted)
        {
            if (_host.Find(collection) is not null || CreateProcessor(collection) is not { } work)
                continue;
            // It made one just now.
            await _host.AddRunning(work, other => CreateProcessor(other)!, cancellationToken).ConfigureAwait(false);
        }

        ConsumerProcessor? CreateProcessor(string collection) =>
            definition.CreateProcessor(_host.Store, _host.Options, collection);

        foreach (var consumer in _host.All)
        {
            if (CollectionName.FirstOf(consumer.Name) != definition.Collection || wanted.Contains(consumer.Name))
                continue;
            await _host.Remove(consumer, cancellationToken).ConfigureAwait(false);
            // Also what a node that did not know yet made anew: whoever lets go last leaves nothing behind.
            await _rebuilds.Remove(consumer.Name, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Has builds take over that run here; true when one is so near that it is worth looking again
    /// soon.</summary>
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
                if (_objected.TryAdd(building, true)) // Said once, not at every look.
                    ConsumerLog.DoesNotTakeOver(_host.Logger, record.Name, objection);
                continue;
            }
            _objected.TryRemove(building, out _);
            var until = await _rebuilds.RetiredUntil(cancellationToken).ConfigureAwait(false);
            var next = ReadModelChanges.Over(record, building, until)!; // It is what the row builds.
            isNear |= !await _rebuilds.TrySwitch(record, next, cancellationToken).ConfigureAwait(false);
        }
        return isNear;
    }

    /// <summary>Whether a build that runs here, by some of its partitions at least, has all but caught up, on whatever
    /// nodes.</summary>
    private async ValueTask<bool> IsNear(string building, CancellationToken cancellationToken)
    {
        var isHere = false;
        foreach (var consumer in _host.FindAll(building))
        {
            if (consumer.Lease is null)
                continue;
            if (consumer.Progress.State != ConsumerState.Live
                || LagOf(consumer.Progress.Position) > _host.Options.BatchEvents)
                return false;
            isHere = true;
        }
        if (!isHere)
            return false;
        var reached = await _waiter
            .Wait(building, long.MaxValue, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        return LagOf(reached) <= _host.Options.BatchEvents;
    }

    private long LagOf(long position) => _host.Store.Tail.Head.Position - position;
}
