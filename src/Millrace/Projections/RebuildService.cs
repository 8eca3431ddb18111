using Millrace.Storage;

namespace Millrace;

/// <summary>Begins, switches and drops builds of read models: by changes of the catalogue, which the nodes that run
/// them follow.</summary>
internal sealed class RebuildService(ConsumerHost host)
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(10);

    private readonly ProgressWaiter _waiter = new(host);
    private readonly SwitchoverCheck _check = new(host.Store);

    private EventStore Store => host.Store;

    private ReadModelCatalog Catalog => host.Store.ReadModels;

    /// <summary>Until when what is retired now stays at least, by the storage's clock.</summary>
    public async ValueTask<DateTimeOffset> RetiredUntil(CancellationToken cancellationToken) =>
        await host.Clock.Now(cancellationToken).ConfigureAwait(false) + host.Options.KeepRetired;

    /// <summary>The row of a read model, as it is stored now.</summary>
    /// <exception cref="ReadModelBuildException">There is none.</exception>
    public async ValueTask<ReadModelRecord> Get(string name, CancellationToken cancellationToken)
    {
        await Catalog.Refresh(cancellationToken).ConfigureAwait(false);
        return Catalog.Find(name)
            ?? throw new ReadModelBuildException(
                name,
                "it is in no catalogue. Only asynchronous projections are built beside; an application with it must "
                    + "have run on the store. "
                    + "Inline ones and SQL tables are rebuilt in place; handlers are not built again at all: their "
                    + "effects would happen twice."
            );
    }

    /// <summary>
    /// Begins a build, or joins the one under way; returns its collection. One that waits for its review is not taken
    /// out of it: who began it wants to look at it first.
    /// </summary>
    /// <exception cref="ReadModelBuildException">One is under way that takes over only when told, and another was asked
    /// for.</exception>
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

    /// <summary>Waits until a build has taken over, or, where that is left to somebody, until it has caught
    /// up.</summary>
    /// <exception cref="ReadModelBuildException">It does not take over, or was dropped.</exception>
    public async Task Watch(
        string name,
        string building,
        BuildSwitch switchWhen,
        TimeSpan reportEvery,
        IProgress<RebuildProgress>? progress,
        CancellationToken cancellationToken)
    {
        var total = (await Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var begun = await _waiter.Wait(building, total, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        var started = Store.Time.GetTimestamp();
        while (true)
        {
            var done = await _waiter.Wait(building, total, reportEvery, cancellationToken).ConfigureAwait(false);
            var seconds = Store.Time.GetElapsedTime(started).TotalSeconds;
            progress?.Report(RebuildProgress.Of(begun, done, total, seconds));
            var record = await Get(name, cancellationToken).ConfigureAwait(false);
            // Kept: it has taken over, and somebody has gone back since.
            if (record.Live == building || record.Kept == building)
            {
                if (done >= total)
                    return;
                // It got on and took over since the look: what is told last does not fall short of that.
                done = Math.Max(
                    done, await _waiter.Wait(building, total, TimeSpan.Zero, cancellationToken).ConfigureAwait(false));
                progress?.Report(
                    RebuildProgress.Of(begun, done, total, Store.Time.GetElapsedTime(started).TotalSeconds));
                return;
            }
            if (record.Building != building)
                throw new ReadModelBuildException(name, $"the build '{building}' was dropped meanwhile.");
            if (done < total)
                continue;
            if (!record.SwitchesAutomatically && switchWhen == BuildSwitch.Automatic)
                throw WaitsForReview(record); // Somebody has asked for that meanwhile.
            if (!record.SwitchesAutomatically)
                return;
            if (await Objection(record, building, cancellationToken).ConfigureAwait(false) is { } objection)
                throw new ReadModelBuildException(name, objection + ". Once they are decided it does by itself.");
            // Where the build runs here, it need not wait for the next look.
            if (host.IsRunning && host.CompanionService is RebuildCoordinator keeper)
                await keeper.SwitchCaughtUpRebuilds(cancellationToken).ConfigureAwait(false);
            if (Catalog.Find(name)?.Live != building)
                await Task.Delay(TryAgainAfter, Store.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Compares the live collection with the one being built or, when there is none, with the one that is
    /// kept.</summary>
    public async Task<ReadModelComparison> Compare(string name, int examples, CancellationToken cancellationToken)
    {
        var record = await Get(name, cancellationToken).ConfigureAwait(false);
        // What is kept was there before what is live.
        var (before, after) = record.Building is { } building ? (record.Live, building)
            : record.Kept is { } kept ? (kept, record.Live)
            : throw new ReadModelBuildException(
                name, "there is nothing to compare it with: no build is under way, and none is kept.");
        var comparison = new CollectionComparison(Compared(before), Compared(after), examples);
        return await comparison.Run(Store.Time, cancellationToken).ConfigureAwait(false);
    }

    private ComparedCollection Compared(string collection) => new(
        Store.Storage.Documents,
        collection,
        cancellationToken => _waiter.Wait(collection, long.MaxValue, TimeSpan.Zero, cancellationToken));

    /// <summary>Has the build take over as soon as it is near enough.</summary>
    public Task Switch(string name, TimeSpan wait, bool evenWithDeadLetters, CancellationToken cancellationToken) =>
        Switch(
            name,
            record => record.Building,
            "no build is under way. Begin one first.",
            wait,
            evenWithDeadLetters,
            cancellationToken);

    /// <summary>Has the collection take over again that was live before.</summary>
    public Task SwitchBack(string name, TimeSpan wait, bool evenWithDeadLetters, CancellationToken cancellationToken) =>
        Switch(
            name,
            record => record.Kept,
            "nothing is kept to go back to.",
            wait,
            evenWithDeadLetters,
            cancellationToken);

    /// <summary>Why a build should not take over by itself, though it has caught up; null when it may.</summary>
    public ValueTask<string?> Objection(ReadModelRecord record, string building, CancellationToken cancellationToken) =>
        _check.DeadLettersBlockingSwitch(record.Live, building, cancellationToken);

    /// <summary>What is dropped unless somebody says which: the build under way or, when there is none, what is
    /// kept.</summary>
    public static string? Spare(ReadModelRecord record) => record.Building ?? record.Kept;

    /// <summary>Drops one of the collections beside the live one; returns which, or null.</summary>
    /// <remarks>Which one is settled by the first look: what is in its place later is something else, that nobody asked
    /// to drop.</remarks>
    public async ValueTask<string?> Drop(
        string name, Func<ReadModelRecord, string?> which, CancellationToken cancellationToken)
    {
        var record = await Get(name, cancellationToken).ConfigureAwait(false);
        if (which(record) is not { } dropped)
            return null;
        while (record.Building == dropped || record.Kept == dropped)
        {
            var next = ReadModelChanges.Drop(
                record, dropped, await RetiredUntil(cancellationToken).ConfigureAwait(false));
            await RefuseKeptCollection(next, dropped, cancellationToken).ConfigureAwait(false);
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
                name, $"'{dropped}' has taken over meanwhile, and is read now. Go back before you drop it.");
        return dropped; // By somebody else.
    }

    /// <summary>Writes a switch; false when the row has moved on, or the new collection is behind the old
    /// one.</summary>
    public async ValueTask<bool> TrySwitch(
        ReadModelRecord record, ReadModelRecord next, CancellationToken cancellationToken)
    {
        if (!await Catalog.Put(next, record.Live, cancellationToken).ConfigureAwait(false))
            return false;
        ConsumerLog.Switched(host.Logger, record.Name, record.Live, next.Live);
        if (record.Kept is { } displaced && !next.Mentions(displaced))
            await Remove(displaced, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <remarks>What is to take over is settled by the first look: nothing else does in its place, however often it is
    /// asked for.</remarks>
    private async Task Switch(
        string name,
        Func<ReadModelRecord, string?> which,
        string refusal,
        TimeSpan wait,
        bool evenWithDeadLetters,
        CancellationToken cancellationToken)
    {
        var started = Store.Time.GetTimestamp();
        var record = await Get(name, cancellationToken).ConfigureAwait(false);
        var target = which(record) ?? throw new ReadModelBuildException(name, refusal);
        while (record.Live != target)
        {
            var until = await RetiredUntil(cancellationToken).ConfigureAwait(false);
            var next = ReadModelChanges.Over(record, target, until)
                ?? throw new ReadModelBuildException(name, $"'{target}' was dropped meanwhile.");
            var lag = await LagOf(target, cancellationToken).ConfigureAwait(false);
            var isAbandoned = await _check.IsAbandoned(record.Live, target, cancellationToken).ConfigureAwait(false);
            if (lag <= host.Options.BatchEvents && !isAbandoned)
            {
                if (!evenWithDeadLetters
                    && await Objection(record, target, cancellationToken).ConfigureAwait(false) is { } objection)
                    throw new ReadModelBuildException(name, objection + ".");
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
            await Task.Delay(TryAgainAfter, Store.Time, cancellationToken).ConfigureAwait(false);
            record = await Get(name, cancellationToken).ConfigureAwait(false);
        }
        await NotifyCoordinator(cancellationToken).ConfigureAwait(false);
    }

    private static ReadModelBuildException WaitsForReview(ReadModelRecord record) =>
        new(
            record.Name,
            $"its build '{record.Building}' takes over only when told: it waits for its review, and goes on waiting. "
                + $"Look at it with "
                + $"'projections compare {record.Name}', then accept it with 'projections switch {record.Name}' or "
                + $"end it with 'projections drop "
                + $"{record.Name}'. To wait until it has caught up, ask for a build without a switch (--no-switch, "
                + $"BuildSwitch.Manual)."
        );

    private async ValueTask<long> LagOf(string consumer, CancellationToken cancellationToken)
    {
        var head = await Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var reached = await _waiter
            .Wait(consumer, head.Position, TimeSpan.Zero, cancellationToken)
            .ConfigureAwait(false);
        return Math.Max(0, head.Position - reached);
    }

    /// <summary>A node goes on with a collection of its version when the catalogue names none: then nothing would be
    /// dropped.</summary>
    private async ValueTask RefuseKeptCollection(
        ReadModelRecord next, string dropped, CancellationToken cancellationToken)
    {
        var version = CollectionName.VersionOf(dropped);
        string?[] named = [next.Live, next.Building, next.Kept];
        if (Array.Exists(named, one => one is not null && CollectionName.VersionOf(one) == version))
            return;
        if (!await _check.IsHeld(dropped, cancellationToken).ConfigureAwait(false))
            return;
        throw new ReadModelBuildException(
            next.Name,
            $"'{dropped}' cannot be dropped: nodes of version {version} run and go on with it, and would begin it "
                + $"anew. Stop them first, "
            + "or let a node of another version take their place.");
    }

    /// <summary>
    /// Removes a collection that is of no use any more. Where somebody works on it, whoever lets it go does; and where
    /// that fails, any node does later: what was asked for is done with the row.
    /// </summary>
    public async ValueTask Remove(string collection, CancellationToken cancellationToken)
    {
        try
        {
            await Store
                .Storage.Documents.Drop(collection, Store.Time.GetUtcNow(), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (StorageException failure)
        {
            ConsumerLog.CannotRemove(host.Logger, collection, failure);
        }
    }

    private async ValueTask NotifyCoordinator(CancellationToken cancellationToken)
    {
        if (host.IsRunning && host.CompanionService is RebuildCoordinator keeper)
            await keeper.RunOnce(cancellationToken).ConfigureAwait(false);
    }
}
