using Millrace.Consuming;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Returns the status of a store's projections on all nodes, and rebuilds them. If the streams of the application are
/// in several shards, operations change the documents in all of them, and need all of them. Thread-safe.
/// </summary>
public sealed class Projections
{
    private const int MaxDifferences = 100;

    private readonly ShardProjections _stores;

    internal Projections(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
        : this(new ShardHosts(host), definitions)
    {
    }

    internal Projections(ShardHosts hosts, IReadOnlyList<ProjectionDefinition> definitions) =>
        (_stores, Definitions) = (new ShardProjections(hosts, definitions), definitions);

    internal IReadOnlyList<ProjectionDefinition> Definitions { get; }

    /// <summary>Returns an object for the projections that other nodes run, for tools that run none.</summary>
    public static Projections Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new Projections(ConsumerHost.Idle(store), []);
    }

    /// <summary>
    /// Returns all projections with stored documents. With shards, returns a projection once for each available shard.
    /// </summary>
    public async ValueTask<IReadOnlyList<ProjectionStatus>> List(CancellationToken cancellationToken = default)
    {
        var all = await FromAll(_stores.ListAvailable(), store => store.List(cancellationToken).AsTask())
            .ConfigureAwait(false);
        return all is [var single]
            ? single
            : [.. all.SelectMany(static list => list).OrderBy(static one => one.Collection, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Removes the documents of a projection and rebuilds them from the first event. Returns after the rebuild has
    /// reached the position that was the end of the log at the start.
    /// </summary>
    /// <remarks>
    /// Documents and checkpoint are removed in one transaction. During the rebuild, reads return the documents built so
    /// far and are reported as stale. The node that runs the projection does the work. Canceling this call ends only
    /// the wait. Pausing the consumer interrupts the rebuild.
    /// </remarks>
    /// <param name="collection">The projection with its version: <c>daily-sales@1</c>.</param>
    /// <param name="progress">Receives the progress a few times a second, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProjectionNotFoundException">The projection does not exist.</exception>
    /// <exception cref="NotAcrossShardsException">The collection is not the same in all shards.</exception>
    public async Task Rebuild(
        string collection, IProgress<RebuildProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        var stores = await _stores.ClearAll(collection, cancellationToken).ConfigureAwait(false);
        var progresses = SummedProgress.Divide(progress, stores.Count);
        await Task
            .WhenAll(stores.Select((one, index) =>
                one.Store.WaitForRebuild(one.Collection, progresses[index], cancellationToken)))
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Removes the documents of a projection. The node that runs the projection rebuilds them from the first event. The
    /// method does not wait for the rebuild.
    /// </summary>
    /// <param name="collection">The projection with its version: <c>daily-sales@1</c>.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ProjectionNotFoundException">The projection does not exist.</exception>
    /// <exception cref="NotAcrossShardsException">The collection is not the same in all shards.</exception>
    public async Task StartRebuild(string collection, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(collection);
        await _stores.ClearAll(collection, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the catalog. It contains, for each asynchronous read model, the collection that is read, the collection
    /// being built, and the collection kept for a rollback. With shards, returns a read model once for each available
    /// shard.
    /// </summary>
    public async ValueTask<IReadOnlyList<ReadModelRecord>> Catalog(CancellationToken cancellationToken = default)
    {
        var all = await FromAll(_stores.ListAvailable(), store => store.Catalog(cancellationToken).AsTask())
            .ConfigureAwait(false);
        return all is [var single]
            ? single
            : [.. all.SelectMany(static list => list).OrderBy(static one => one.Name, StringComparer.Ordinal)];
    }

    /// <summary>
    /// Rebuilds a read model from the first event in a separate collection, which then replaces the collection in use.
    /// Reads continue, and always find complete documents.
    /// </summary>
    /// <remarks>
    /// A node that runs the projection does the work. Canceling this call ends only the wait. A build resumes after a
    /// restart. Pausing the consumer with the collection's name interrupts the build, and <see cref="Drop"/> ends it.
    /// If a build is already running, the call joins it. If that build waits for a manual switch, a request for an
    /// automatic switch throws. The previous collection is still updated for
    /// <see cref="SwitchBack(string, TimeSpan, CancellationToken)"/>.
    /// </remarks>
    /// <param name="name">The read model, without a version: <c>daily-sales</c>.</param>
    /// <param name="switchWhen">Specifies whether the new collection replaces the old one automatically. Otherwise, the
    /// method returns when the build has caught up, and <see cref="Switch(string, TimeSpan, CancellationToken)"/>
    /// replaces the collection.</param>
    /// <param name="progress">Receives the progress a few times a second, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The new collection; with shards, that of the home shard.</returns>
    /// <exception cref="ReadModelBuildException">The read model is not an asynchronous projection, a build that waits
    /// for its review is running, or the build was dropped. Also thrown if the build has caught up but is not used
    /// automatically, because it holds back events as dead letters that the collection in use does not.</exception>
    public async Task<string> RebuildBeside(
        string name,
        BuildSwitch switchWhen = BuildSwitch.Automatic,
        IProgress<RebuildProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var (stores, builds) = await _stores.StartAll(name, switchWhen, cancellationToken).ConfigureAwait(false);
        var progresses = SummedProgress.Divide(progress, stores.Count);
        await Task
            .WhenAll(stores.Select((store, index) =>
                store.Watch(name, builds[index], switchWhen, progresses[index], cancellationToken)))
            .ConfigureAwait(false);
        return builds[0];
    }

    /// <summary>
    /// Requests a rebuild in a separate collection and returns immediately. <see cref="RebuildBeside"/> with the same
    /// arguments waits for it.
    /// </summary>
    /// <inheritdoc cref="RebuildBeside"/>
    public async ValueTask<string> StartRebuildBeside(
        string name, BuildSwitch switchWhen = BuildSwitch.Automatic, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return (await _stores.StartAll(name, switchWhen, cancellationToken).ConfigureAwait(false)).Builds[0];
    }

    /// <summary>
    /// Compares the documents in use with the documents of the current build. Without a build, compares the documents
    /// kept for a rollback with the documents in use. Both collections may change during the comparison.
    /// </summary>
    /// <param name="name">The read model, without a version.</param>
    /// <param name="examples">The maximum number of examples; from 0 to 10,000.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    /// <exception cref="ReadModelBuildException">There is nothing to compare.</exception>
    public async Task<ReadModelComparison> Compare(
        string name, int examples = 10, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(examples);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(examples, 10_000);
        ReadModelComparison? all = null;
        foreach (var store in _stores.RequireAll())
        {
            var left = examples - (all?.Examples.Count ?? 0);
            var found = await store.Rebuilds.Compare(name, left, cancellationToken).ConfigureAwait(false);
            all = all is null ? found : Sum(all, found);
        }
        return all!; // There is at least one store.
    }

    /// <summary>
    /// Replaces the collection in use with the build of a read model, in one transaction, as soon as the build has
    /// caught up.
    /// </summary>
    /// <param name="name">The read model, without a version.</param>
    /// <param name="wait">The maximum wait.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ReadModelBuildException">No build is running, or it holds back events as dead letters that the
    /// collection in use does not.</exception>
    /// <exception cref="TimeoutException">The build did not catch up in time, or no node keeps it up to
    /// date.</exception>
    public Task Switch(string name, TimeSpan wait, CancellationToken cancellationToken = default) =>
        Switch(name, wait, evenWithDeadLetters: false, cancellationToken);

    /// <summary>
    /// Replaces the collection in use with the build of a read model, in one transaction, as soon as the build has
    /// caught up.
    /// </summary>
    /// <param name="name">The read model, without a version.</param>
    /// <param name="wait">The maximum wait.</param>
    /// <param name="evenWithDeadLetters">True to switch even if the build holds back events as dead letters that the
    /// collection in use does not. Readers then find less than before.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ReadModelBuildException">No build is running, or it holds back more events and
    /// <paramref name="evenWithDeadLetters"/> is false.</exception>
    /// <exception cref="TimeoutException">The build did not catch up in time, or no node keeps it up to
    /// date.</exception>
    public Task Switch(
        string name,
        TimeSpan wait,
        bool evenWithDeadLetters,
        CancellationToken cancellationToken = default
    ) => _stores.ChangeAll(
        $"The switch of '{name}'",
        name,
        static record => record.Building,
        async store =>
        {
            await store.Rebuilds.Switch(name, wait, evenWithDeadLetters, cancellationToken).ConfigureAwait(false);
            return null;
        },
        cancellationToken);

    /// <summary>
    /// Switches back to the collection that was in use before the last switch. The current collection is then kept for
    /// a rollback.
    /// </summary>
    /// <inheritdoc cref="Switch(string, TimeSpan, CancellationToken)"/>
    /// <exception cref="ReadModelBuildException">No collection is kept, or it holds back events as dead letters that
    /// the collection in use does not.</exception>
    public Task SwitchBack(string name, TimeSpan wait, CancellationToken cancellationToken = default) =>
        SwitchBack(name, wait, evenWithDeadLetters: false, cancellationToken);

    /// <summary>
    /// Switches back to the collection that was in use before the last switch. The current collection is then kept for
    /// a rollback.
    /// </summary>
    /// <param name="name">The read model, without a version.</param>
    /// <param name="wait">The maximum wait.</param>
    /// <param name="evenWithDeadLetters">True to switch even if the kept collection holds back events as dead letters
    /// that the collection in use does not. Readers then find less than before.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ReadModelBuildException">No collection is kept, or it holds back more events and
    /// <paramref name="evenWithDeadLetters"/> is false.</exception>
    /// <exception cref="TimeoutException">The kept collection did not catch up in time, or no node keeps it up to
    /// date.</exception>
    /// <exception cref="NotAcrossShardsException">Some shards use the newer collection, and others the older
    /// one.</exception>
    public Task SwitchBack(
        string name,
        TimeSpan wait,
        bool evenWithDeadLetters,
        CancellationToken cancellationToken = default
    ) => _stores.SwitchBack(name, wait, evenWithDeadLetters, cancellationToken);

    /// <summary>
    /// Ends the build of a read model and removes its documents. Without a build, removes the collection kept for a
    /// rollback.
    /// </summary>
    /// <returns>The name of the dropped collection, or null if no collection was dropped.</returns>
    /// <exception cref="ReadModelBuildException">The read model is not an asynchronous projection, or running nodes
    /// still need the collection of their version.</exception>
    public ValueTask<string?> Drop(string name, CancellationToken cancellationToken = default) =>
        _stores.DropSpares(name, cancellationToken);

    /// <summary>
    /// Ends the build of a read model and removes its documents. The collection kept for a rollback is not changed.
    /// </summary>
    /// <returns>The name of the dropped collection, or null if no build was running.</returns>
    /// <exception cref="ReadModelBuildException">The read model is not an asynchronous projection, or running nodes
    /// still need the collection of their version.</exception>
    public ValueTask<string?> DropBuild(string name, CancellationToken cancellationToken = default) =>
        _stores.DropAll(name, record => record.Building, cancellationToken);

    /// <summary>Removes the collection kept for a rollback. A running build continues.</summary>
    /// <returns>The name of the dropped collection, or null if no collection was kept.</returns>
    /// <exception cref="ReadModelBuildException">The read model is not an asynchronous projection, or running nodes
    /// still need the collection of their version.</exception>
    public ValueTask<string?> DropKept(string name, CancellationToken cancellationToken = default) =>
        _stores.DropAll(name, record => record.Kept, cancellationToken);

    /// <summary>
    /// Folds the whole log again and compares the result with the stored documents, while both are in use.
    /// </summary>
    /// <param name="collection">A stored projection of this application, with its version:
    /// <c>daily-sales@1</c>.</param>
    /// <param name="wait">The maximum wait for the documents to reach the end of the log.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    /// <exception cref="ProjectionNotFoundException">This application does not have the projection, or its documents
    /// are not stored.</exception>
    /// <exception cref="TimeoutException">The documents did not reach the end of the log in time.</exception>
    public async Task<ReadModelCheck> Check(
        string collection, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        var stores = await _stores.RequireAll(collection, cancellationToken).ConfigureAwait(false);
        if (stores is [var single])
            return await single.Store.Check(single.Collection, wait, cancellationToken).ConfigureAwait(false);
        var all = new ReadModelCheck(collection, 0, 0, 0, []); // Positions of several logs have no sum.
        foreach (var (store, own) in stores)
        {
            var found = await store.Check(own, wait, cancellationToken).ConfigureAwait(false);
            all = all with
            {
                Compared = all.Compared + found.Compared,
                ChangedMeanwhile = all.ChangedMeanwhile + found.ChangedMeanwhile,
                Differences =
                [
                    .. all.Differences.Concat(
                            found.Differences.Select(one => one with { Shard = store.Shard.Shard }))
                        .Take(MaxDifferences),
                ],
            };
        }
        return all;
    }

    private static Task<TResult[]> FromAll<TResult>(
        IReadOnlyList<StoreProjections> stores, Func<StoreProjections, Task<TResult>> read) =>
        Task.WhenAll(stores.Select(read));

    private static ReadModelComparison Sum(ReadModelComparison one, ReadModelComparison other) => one with
    {
        Same = one.Same + other.Same,
        Added = one.Added + other.Added,
        Changed = one.Changed + other.Changed,
        Gone = one.Gone + other.Gone,
        ChangedMeanwhile = one.ChangedMeanwhile + other.ChangedMeanwhile,
        Examples = [.. one.Examples, .. other.Examples],
    };
}
