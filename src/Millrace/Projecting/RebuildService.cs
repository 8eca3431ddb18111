using Millrace.Consuming;
using Millrace.Projecting.Comparisons;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace.Projecting;

/// <summary>
/// Starts, switches and drops builds of read models by changes of the catalog. The nodes that run the builds follow the
/// catalog.
/// </summary>
internal sealed class RebuildService(ConsumerHost host)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(10);

    private readonly ProgressWaiter _waiter = new(host);
    private readonly SwitchoverCheck _check = new(host.Store);

    private EventStore Store => host.Store;

    private ReadModelCatalog Catalog => host.Store.ReadModels;

    /// <summary>
    /// Returns the time until which a collection that is retired now must remain, by the storage's clock.
    /// </summary>
    public async ValueTask<DateTimeOffset> RetiredUntil(CancellationToken cancellationToken) =>
        await host.Clock.Now(cancellationToken).ConfigureAwait(false) + host.Options.KeepRetired;

    /// <summary>Returns the current catalog row of a read model.</summary>
    /// <exception cref="ReadModelBuildException">The read model is not in the catalog.</exception>
    public async ValueTask<ReadModelRecord> Get(string name, CancellationToken cancellationToken)
    {
        await Catalog.Refresh(cancellationToken).ConfigureAwait(false);
        return Catalog.Find(name)
            ?? throw new ReadModelBuildException(
                name,
                "it is not in the catalog. Only asynchronous projections can be rebuilt beside the collection in use, "
                    + "after an application with the projection has run on the store. Inline projections and SQL "
                    + "tables are rebuilt in place. Handlers are not rebuilt, because their effects would happen twice."
            );
    }

    /// <summary>
    /// Starts a build, or joins the current build, and returns its collection. A build that waits for a review is not
    /// changed, because an operator wants to check it first.
    /// </summary>
    /// <exception cref="ReadModelBuildException">A build with a manual switch is running, and the caller requested an
    /// automatic switch.</exception>
    public async ValueTask<string> Start(string name, BuildSwitch switchWhen, CancellationToken cancellationToken)
    {
        while (true)
        {
            var record = await Get(name, cancellationToken).ConfigureAwait(false);
            var isAutomatic = switchWhen == BuildSwitch.Automatic;
            if (record.Building is not null && record.SwitchesAutomatically == isAutomatic)
                return record.Building;
            if (record.Building is not null && isAutomatic)
                throw WaitsForReview(record);
            var builds = record.Building is null ? record.Builds + 1 : record.Builds;
            var next = record with
            {
                Building = record.Building ?? CollectionName.Of(name, CollectionName.VersionOf(record.Live), builds),
                SwitchesAutomatically = isAutomatic,
                Builds = builds,
            };
            if (!await Catalog.Put(next, null, cancellationToken).ConfigureAwait(false))
                continue;
            await NotifyCoordinator(cancellationToken).ConfigureAwait(false);
            return next.Building;
        }
    }

    /// <summary>Waits until a build is in use. With a manual switch, waits until it has caught up.</summary>
    /// <exception cref="ReadModelBuildException">The build does not take over, or was dropped.</exception>
    public async Task Watch(
        string name,
        string building,
        BuildSwitch switchWhen,
        TimeSpan reportEvery,
        IProgress<RebuildProgress>? progress,
        CancellationToken cancellationToken)
    {
        var total = (await Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var startPosition = await _waiter.Wait(building, total, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        var started = Store.Time.GetTimestamp();
        while (true)
        {
            var done = await _waiter.Wait(building, total, reportEvery, cancellationToken).ConfigureAwait(false);
            var seconds = Store.Time.GetElapsedTime(started).TotalSeconds;
            progress?.Report(RebuildProgress.Of(startPosition, done, total, seconds));
            var record = await Get(name, cancellationToken).ConfigureAwait(false);
            // A kept collection was live after a switch, and was then switched back.
            if (record.Live == building || record.Kept == building)
            {
                if (done >= total)
                    return;
                // The switch happened after the last check. The last reported progress must include it.
                done = Math.Max(
                    done, await _waiter.Wait(building, total, TimeSpan.Zero, cancellationToken).ConfigureAwait(false));
                progress?.Report(
                    RebuildProgress.Of(startPosition, done, total, Store.Time.GetElapsedTime(started).TotalSeconds));
                return;
            }
            if (record.Building != building)
                throw new ReadModelBuildException(name, $"the build '{building}' was dropped in the meantime.");
            if (done < total)
                continue;
            if (!record.SwitchesAutomatically && switchWhen == BuildSwitch.Automatic)
                throw WaitsForReview(record); // An operator has requested the review.
            if (!record.SwitchesAutomatically)
                return;
            if (await Objection(record, building, cancellationToken).ConfigureAwait(false) is { } objection)
                throw new ReadModelBuildException(
                    name, objection + ". It takes over automatically after decisions about them.")
                {
                    IsBlockedByDeadLetters = true,
                };
            // If the build runs here, it does not need to wait for the next check.
            if (host.IsRunning && host.CompanionService is RebuildCoordinator coordinator)
                await coordinator.SwitchCaughtUpRebuilds(cancellationToken).ConfigureAwait(false);
            if (Catalog.Find(name)?.Live != building)
                await Task.Delay(RetryDelay, Store.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Compares the live collection with the collection being built. Without a build, compares the kept collection with
    /// the live collection.
    /// </summary>
    public async Task<ReadModelComparison> Compare(string name, int examples, CancellationToken cancellationToken)
    {
        var record = await Get(name, cancellationToken).ConfigureAwait(false);
        // The kept collection is older than the live collection.
        var (before, after) = record.Building is { } building ? (record.Live, building)
            : record.Kept is { } kept ? (kept, record.Live)
            : throw new ReadModelBuildException(
                name, "there is nothing to compare: no build is under way, and no collection is kept.");
        var comparison = new CollectionComparison(
            await Compared(before, cancellationToken).ConfigureAwait(false),
            await Compared(after, cancellationToken).ConfigureAwait(false),
            examples);
        return await comparison.Run(Store.Time, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ComparedCollection> Compared(string collection, CancellationToken cancellationToken) => new(
        Store.Storage.Documents,
        collection,
        cancel => _waiter.Wait(collection, long.MaxValue, TimeSpan.Zero, cancel))
    {
        Expiry = await new ExpiryStore(Store).FindColumn(collection, cancellationToken).ConfigureAwait(false),
    };

    /// <summary>Switches to the build as soon as it has almost caught up.</summary>
    public Task Switch(string name, TimeSpan wait, bool evenWithDeadLetters, CancellationToken cancellationToken) =>
        Switch(
            name,
            record => record.Building,
            "no build is under way. Start one first.",
            wait,
            evenWithDeadLetters,
            cancellationToken);

    /// <summary>Switches back to the previously live collection.</summary>
    public Task SwitchBack(string name, TimeSpan wait, bool evenWithDeadLetters, CancellationToken cancellationToken) =>
        Switch(
            name,
            record => record.Kept,
            "no collection is kept for a rollback.",
            wait,
            evenWithDeadLetters,
            cancellationToken);

    /// <summary>
    /// Returns the reason why a build that has caught up must not be used automatically, or null if there is none.
    /// </summary>
    public ValueTask<string?> Objection(ReadModelRecord record, string building, CancellationToken cancellationToken) =>
        _check.DeadLettersBlockingSwitch(record.Live, building, cancellationToken);

    /// <summary>
    /// Returns the collection to drop by default. It is the current build or, without a build, the kept collection.
    /// </summary>
    public static string? Spare(ReadModelRecord record) => record.Building ?? record.Kept;

    /// <summary>Drops a collection that is not live. Returns its name, or null if no collection was dropped.</summary>
    /// <remarks>
    /// The first read of the row determines the collection. If another collection replaces it in the row later, that
    /// collection is not dropped.
    /// </remarks>
    public async ValueTask<string?> Drop(
        string name, Func<ReadModelRecord, string?> select, CancellationToken cancellationToken)
    {
        var record = await Get(name, cancellationToken).ConfigureAwait(false);
        if (select(record) is not { } dropped)
            return null;
        while (record.Building == dropped || record.Kept == dropped)
        {
            var next = ReadModelChanges.Drop(
                record, dropped, await RetiredUntil(cancellationToken).ConfigureAwait(false));
            await RequireNotNeeded(next, dropped, cancellationToken).ConfigureAwait(false);
            if (await Catalog.Put(next, null, cancellationToken).ConfigureAwait(false))
            {
                await NotifyCoordinator(cancellationToken).ConfigureAwait(false);
                await Remove(dropped, cancellationToken).ConfigureAwait(false);
                return dropped;
            }
            record = await Get(name, cancellationToken).ConfigureAwait(false);
        }
        if (record.Live == dropped)
            throw new ReadModelBuildException(
                name, $"'{dropped}' has taken over in the meantime, and is read now. Switch back before you drop it.");
        return dropped; // Another node dropped it.
    }

    /// <summary>
    /// Writes a switch. Returns false if the row has changed, or if the new collection has not caught up with the old
    /// one.
    /// </summary>
    public async ValueTask<bool> TrySwitch(
        ReadModelRecord record, ReadModelRecord next, CancellationToken cancellationToken)
    {
        if (!await Catalog.Put(next, record.Live, cancellationToken).ConfigureAwait(false))
            return false;
        ConsumerLog.Switched(host.Logger, record.Name, record.Live, next.Live);
        if (record.Kept is { } displaced && !next.Contains(displaced))
            await Remove(displaced, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <remarks>
    /// The first read of the row determines the collection. The method never switches to another collection.
    /// </remarks>
    private async Task Switch(
        string name,
        Func<ReadModelRecord, string?> select,
        string refusal,
        TimeSpan wait,
        bool evenWithDeadLetters,
        CancellationToken cancellationToken)
    {
        var started = Store.Time.GetTimestamp();
        var record = await Get(name, cancellationToken).ConfigureAwait(false);
        var target = select(record) ?? throw new ReadModelBuildException(name, refusal);
        while (record.Live != target)
        {
            var until = await RetiredUntil(cancellationToken).ConfigureAwait(false);
            var next = ReadModelChanges.Switch(record, target, until)
                ?? throw new ReadModelBuildException(name, $"'{target}' was dropped in the meantime.");
            var lag = await LagOf(target, cancellationToken).ConfigureAwait(false);
            var isAbandoned = await _check.IsAbandoned(record.Live, target, cancellationToken).ConfigureAwait(false);
            if (lag <= host.Options.BatchEvents && !isAbandoned)
            {
                if (!evenWithDeadLetters
                    && await Objection(record, target, cancellationToken).ConfigureAwait(false) is { } objection)
                    throw new ReadModelBuildException(name, objection + ".") { IsBlockedByDeadLetters = true };
                if (await TrySwitch(record, next, cancellationToken).ConfigureAwait(false))
                    break;
            }
            if (Store.Time.GetElapsedTime(started) >= wait)
            {
                throw new TimeoutException(
                    $"'{target}' cannot take over from '{record.Live}' within {wait}: "
                    + (isAbandoned ? "no node keeps it up to date" : $"it is {lag} events behind the end of the log")
                    + ". A node of its version must run; see 'projections'.");
            }
            await Task.Delay(RetryDelay, Store.Time, cancellationToken).ConfigureAwait(false);
            record = await Get(name, cancellationToken).ConfigureAwait(false);
        }
        await NotifyCoordinator(cancellationToken).ConfigureAwait(false);
    }

    private static ReadModelBuildException WaitsForReview(ReadModelRecord record) =>
        new(
            record.Name,
            $"its build '{record.Building}' does not take over automatically: it waits for a review. Compare it with "
                + $"'projections compare {record.Name}', then accept it with 'projections switch {record.Name}' or "
                + $"end it with 'projections drop {record.Name}'. To wait until it has caught up, request a build "
                + "without a switch (--no-switch, BuildSwitch.Manual)."
        );

    private async ValueTask<long> LagOf(string consumer, CancellationToken cancellationToken)
    {
        var head = await Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var reached = await _waiter
            .Wait(consumer, head.Position, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        return Math.Max(0, head.Position - reached);
    }

    /// <summary>
    /// Throws if the collection is the only one of a version with running nodes, because these nodes would immediately
    /// build it again.
    /// </summary>
    private async ValueTask RequireNotNeeded(
        ReadModelRecord next, string dropped, CancellationToken cancellationToken)
    {
        var version = CollectionName.VersionOf(dropped);
        string?[] named = [next.Live, next.Building, next.Kept];
        if (Array.Exists(named, one => one is not null && CollectionName.VersionOf(one) == version))
            return;
        if (!await _check.IsMaintained(dropped, cancellationToken).ConfigureAwait(false))
            return;
        throw new ReadModelBuildException(
            next.Name,
            $"'{dropped}' cannot be dropped: nodes of version {version} are running and would build it again. Stop "
                + "them first, or replace them by nodes of another version.");
    }

    /// <summary>
    /// Removes a collection that is no longer needed. If a node still runs its consumer, the node removes the
    /// collection when the consumer stops. If the removal fails, any node removes the collection later, because the row
    /// is already changed.
    /// </summary>
    public async ValueTask Remove(string collection, CancellationToken cancellationToken)
    {
        try
        {
            await FollowerStates.RemoveOf(Store, collection, cancellationToken).ConfigureAwait(false);
            await Store
                .Storage.Documents.Drop(collection, Store.Time.GetUtcNow(), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (StorageException exception)
        {
            ConsumerLog.CannotRemove(host.Logger, collection, exception);
        }
    }

    private async ValueTask NotifyCoordinator(CancellationToken cancellationToken)
    {
        if (host.IsRunning && host.CompanionService is RebuildCoordinator coordinator)
            await coordinator.RunOnce(cancellationToken).ConfigureAwait(false);
    }
}
