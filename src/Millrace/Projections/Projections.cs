using Millrace.Storage;

namespace Millrace;

/// <summary>
/// The projections of a store on all its nodes: how they stand, and how they are rebuilt. Safe to use from several
/// threads.
/// </summary>
public sealed class Projections
{
    private static readonly TimeSpan ReportEvery = TimeSpan.FromMilliseconds(200);

    private readonly ConsumerHost _host;
    private readonly Consumers _consumers;
    private readonly ProgressWaiter _waiter;
    private readonly RebuildService _builds;
    private readonly IReadOnlyList<ProjectionDefinition> _definitions;

    internal Projections(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
    {
        (_host, _definitions) = (host, definitions);
        (_consumers, _waiter) = (new Consumers(host), new ProgressWaiter(host));
        _builds = new RebuildService(host);
    }

    internal IReadOnlyList<ProjectionDefinition> Definitions => _definitions;

    private IStorage Storage => _host.Store.Storage;

    /// <summary>The projections that other nodes run on a store, for tools that run none themselves.</summary>
    public static Projections Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Projections(ConsumerHost.Idle(store), []);
    }

    /// <summary>All projections that have documents, or could have.</summary>
    public async ValueTask<IReadOnlyList<ProjectionStatus>> List(CancellationToken cancellationToken = default)
    {
        var consumers = new Dictionary<string, ConsumerStatus>(StringComparer.Ordinal);
        foreach (var status in await _consumers.List(cancellationToken).ConfigureAwait(false))
            consumers[status.Name] = status;
        var projections = new List<ProjectionStatus>();
        foreach (var collection in await Storage.Documents.List(cancellationToken).ConfigureAwait(false))
        {
            // Other collections are not built from events, whether they have a consumer (timers, processes) or none
            // (snapshots).
            var name = collection.Definition.Name;
            if (CollectionName.VersionOf(name) > 0 && consumers.TryGetValue(name, out var consumer))
                projections.Add(
                    new ProjectionStatus
                    {
                        Collection = name,
                        Documents = collection.Documents,
                        Consumer = consumer,
                    }
                );
        }
        return projections;
    }

    /// <summary>
    /// Removes the documents of a projection and has them built again from the first event; returns when the end of the
    /// log, as it was when this began, is reached.
    /// </summary>
    /// <remarks>
    /// Documents and checkpoint go in one transaction. Reads go on: they find the documents built so far, and are
    /// answered stale. The work is done by the node that runs the projection; giving up here only ends the waiting, and
    /// pausing the consumer interrupts the work.
    /// </remarks>
    /// <param name="collection">The projection with its version: <c>daily-sales@1</c>.</param>
    /// <param name="progress">Told a few times a second how far it is; null for nobody.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="ProjectionNotFoundException">There is no such projection.</exception>
    public async Task Rebuild(
        string collection, IProgress<RebuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await StartRebuild(collection, cancellationToken).ConfigureAwait(false);
        var total = (await Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var started = _host.Store.Time.GetTimestamp();
        for (var done = 0L; done < total;)
        {
            done = await _waiter.Wait(collection, total, ReportEvery, cancellationToken).ConfigureAwait(false);
            progress?.Report(RebuildProgress.Of(0, done, total, _host.Store.Time.GetElapsedTime(started).TotalSeconds));
        }
    }

    /// <summary>
    /// Removes the documents of a projection, so that the node that runs it builds them again from the first event, and
    /// does not wait.
    /// </summary>
    /// <param name="collection">The projection with its version: <c>daily-sales@1</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProjectionNotFoundException">There is no such projection.</exception>
    public async Task StartRebuild(string collection, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        var isThere = false;
        foreach (var projection in await List(cancellationToken).ConfigureAwait(false))
            isThere |= projection.Collection == collection;
        if (!isThere)
            throw new ProjectionNotFoundException(collection);
        // Nothing before it: what is open would be gone without the documents that lack it, should this end in between.
        await Storage.Documents.Clear(collection, collection, cancellationToken).ConfigureAwait(false);
        await _consumers.RefreshLeases(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The catalogue: of each asynchronous read model which collection is read, built, and kept for going
    /// back.</summary>
    public ValueTask<IReadOnlyList<ReadModelRecord>> Catalog(CancellationToken cancellationToken = default) =>
        Storage.Documents.ListReadModels(cancellationToken);

    /// <summary>
    /// Builds a read model from the first event in a collection of its own, beside the one in use, and has it take
    /// over: reads never stop, and find whole documents all the time.
    /// </summary>
    /// <remarks>
    /// The work is done by a node that runs the projection; giving up here only ends the waiting. Restarts resume it,
    /// pausing the consumer of that name interrupts it, and <see cref="Drop"/> ends it. One under way is joined, unless
    /// it was begun to take over only when told: so it stays, and who asks for another is told of it. The collection
    /// that was in use is kept, up to date, for <see cref="SwitchBack(string, TimeSpan, CancellationToken)"/>.
    /// </remarks>
    /// <param name="name">The read model, without a version: <c>daily-sales</c>.</param>
    /// <param name="switchWhen">Whether it takes over by itself; otherwise this returns when it has caught up, and
    /// <see cref="Switch(string, TimeSpan, CancellationToken)"/> has it take over.</param>
    /// <param name="progress">Told a few times a second how far it is; null for nobody.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>The new collection.</returns>
    /// <exception cref="ReadModelBuildException">It is no asynchronous projection, or a build is under way that waits
    /// for its review, or the build was dropped meanwhile, or it has caught up but does not take over by itself,
    /// because it holds back events as dead letters that the one in use does not.</exception>
    public async Task<string> RebuildBeside(
        string name,
        BuildSwitch switchWhen = BuildSwitch.Automatic,
        IProgress<RebuildProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var building = await _builds.Start(name, switchWhen, cancellationToken).ConfigureAwait(false);
        await _builds.Watch(name, building, switchWhen, ReportEvery, progress, cancellationToken).ConfigureAwait(false);
        return building;
    }

    /// <summary>Asks for a build beside and returns at once; <see cref="RebuildBeside"/> with the same arguments waits
    /// for it.</summary>
    /// <inheritdoc cref="RebuildBeside"/>
    public ValueTask<string> StartRebuildBeside(
        string name, BuildSwitch switchWhen = BuildSwitch.Automatic, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return _builds.Start(name, switchWhen, cancellationToken);
    }

    /// <summary>
    /// Compares the documents in use with those of the build under way or, when there is none, those kept from before
    /// with those in use. Both may be in use meanwhile.
    /// </summary>
    /// <param name="name">The read model, without a version.</param>
    /// <param name="examples">The most examples to tell; from 0 to 10,000.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ReadModelBuildException">There is nothing to compare.</exception>
    public Task<ReadModelComparison> Compare(
        string name, int examples = 10, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(examples);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(examples, 10_000);
        return _builds.Compare(name, examples, cancellationToken);
    }

    /// <summary>Has the build of a read model take over, in one transaction, as soon as it is not behind the one in
    /// use.</summary>
    /// <param name="name">The read model, without a version.</param>
    /// <param name="wait">How long to wait for that.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ReadModelBuildException">No build is under way, or it holds back events as dead letters that
    /// the one in use does not.</exception>
    /// <exception cref="TimeoutException">It did not catch up in time, or no node keeps it up to date.</exception>
    public Task Switch(string name, TimeSpan wait, CancellationToken cancellationToken = default) =>
        Switch(name, wait, evenWithDeadLetters: false, cancellationToken);

    /// <summary>Has the build of a read model take over, in one transaction, as soon as it is not behind the one in
    /// use.</summary>
    /// <param name="name">The read model, without a version.</param>
    /// <param name="wait">How long to wait for that.</param>
    /// <param name="evenWithDeadLetters">Whether it takes over although it holds back events as dead letters that the
    /// one in use does not, so that readers find less than before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ReadModelBuildException">There is nothing to take over, or it holds back more and that was not
    /// allowed.</exception>
    /// <exception cref="TimeoutException">It did not catch up in time, or no node keeps it up to date.</exception>
    public Task Switch(
        string name,
        TimeSpan wait,
        bool evenWithDeadLetters,
        CancellationToken cancellationToken = default
    ) => _builds.Switch(name, wait, evenWithDeadLetters, cancellationToken);

    /// <summary>Has the collection take over again that was in use before the last switch; the present one is kept
    /// instead.</summary>
    /// <inheritdoc cref="Switch(string, TimeSpan, CancellationToken)"/>
    /// <exception cref="ReadModelBuildException">Nothing is kept, or it holds back events as dead letters that the one
    /// in use does not.</exception>
    public Task SwitchBack(string name, TimeSpan wait, CancellationToken cancellationToken = default) =>
        SwitchBack(name, wait, evenWithDeadLetters: false, cancellationToken);

    /// <summary>Has the collection take over again that was in use before the last switch; the present one is kept
    /// instead.</summary>
    /// <param name="name">The read model, without a version.</param>
    /// <param name="wait">How long to wait for that.</param>
    /// <param name="evenWithDeadLetters">Whether it takes over although it holds back events as dead letters that the
    /// one in use does not, so that readers find less than before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ReadModelBuildException">There is nothing to take over, or it holds back more and that was not
    /// allowed.</exception>
    /// <exception cref="TimeoutException">It did not catch up in time, or no node keeps it up to date.</exception>
    public Task SwitchBack(
        string name,
        TimeSpan wait,
        bool evenWithDeadLetters,
        CancellationToken cancellationToken = default
    ) => _builds.SwitchBack(name, wait, evenWithDeadLetters, cancellationToken);

    /// <summary>Ends the build of a read model and removes its documents; without one, the collection kept for going
    /// back.</summary>
    /// <returns>The collection that was dropped; null when there was none.</returns>
    /// <exception cref="ReadModelBuildException">It is no asynchronous projection, or nodes of its version go on with
    /// it.</exception>
    public ValueTask<string?> Drop(string name, CancellationToken cancellationToken = default) =>
        _builds.Drop(name, RebuildService.Spare, cancellationToken);

    /// <summary>Ends the build of a read model and removes its documents; what is kept for going back stays.</summary>
    /// <returns>The collection that was dropped; null when no build was under way.</returns>
    /// <exception cref="ReadModelBuildException">It is no asynchronous projection, or nodes of its version go on with
    /// it.</exception>
    public ValueTask<string?> DropBuild(string name, CancellationToken cancellationToken = default) =>
        _builds.Drop(name, record => record.Building, cancellationToken);

    /// <summary>Removes the collection kept for going back; a build under way goes on.</summary>
    /// <returns>The collection that was dropped; null when none was kept.</returns>
    /// <exception cref="ReadModelBuildException">It is no asynchronous projection, or nodes of its version go on with
    /// it.</exception>
    public ValueTask<string?> DropKept(string name, CancellationToken cancellationToken = default) =>
        _builds.Drop(name, record => record.Kept, cancellationToken);

    /// <summary>Folds the whole log again and compares the result with the documents, while both are in use.</summary>
    /// <param name="collection">A projection of this application, stored, with its version:
    /// <c>daily-sales@1</c>.</param>
    /// <param name="wait">How long to wait for the documents to reach the end of the log.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ProjectionNotFoundException">This application has no such projection, or its documents are not
    /// stored.</exception>
    /// <exception cref="TimeoutException">The documents did not get there in time.</exception>
    public async Task<ReadModelCheck> Check(
        string collection, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var first = CollectionName.FirstOf(collection);
        var definition =
            _definitions.FirstOrDefault(one => one.Collection == first && one.Lifecycle != ProjectionLifecycle.Live)
            ?? throw new ProjectionNotFoundException(collection);
        var token = await _host.Store.GetToken(cancellationToken).ConfigureAwait(false);
        if (_host.IsRunning)
            // Another process may have emptied it, unknown to this one.
            await _host.LeaseCoordinator.Inspect(cancellationToken).ConfigureAwait(false);
        if (!await _consumers.WaitFor(collection, token, wait, cancellationToken).ConfigureAwait(false))
            throw new TimeoutException(
                $"The projection '{collection}' did not reach the end of the log within {wait}.");
        return await definition.Check(_host.Store, collection, token.Position, cancellationToken).ConfigureAwait(false);
    }
}
