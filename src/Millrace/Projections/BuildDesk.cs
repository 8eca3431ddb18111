using Millrace.Storage;

namespace Millrace;

/// <summary>Begins, switches and drops builds of read models: by changes of the catalogue, which the nodes that run them follow.</summary>
internal sealed class BuildDesk(ConsumerHost host)
{
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(10);

    private readonly ProgressWaiter _waiter = new(host);
    private readonly TakeoverCheck _check = new(host.Store);

    private EventStore Store => host.Store;

    private ReadModelCatalog Catalog => host.Store.ReadModels;

    /// <summary>The row of a read model, as it is stored now.</summary>
    /// <exception cref="ReadModelBuildException">There is none.</exception>
    public async ValueTask<ReadModelRecord> Get(string name, CancellationToken cancellationToken)
    {
        await Catalog.Refresh(cancellationToken).ConfigureAwait(false);
        return Catalog.Find(name) ?? throw new ReadModelBuildException(
            name,
            "it is in no catalogue. Only asynchronous projections are built beside; an application with it must have run on the store. "
            + "Inline ones and SQL tables are rebuilt in place; handlers are not built again at all: their effects would happen twice.");
    }

    /// <summary>Begins a build, or joins the one under way; returns its collection.</summary>
    public async ValueTask<string> Begin(string name, BuildSwitch switchWhen, CancellationToken cancellationToken)
    {
        while (true)
        {
            var record = await Get(name, cancellationToken).ConfigureAwait(false);
            var isAutomatic = switchWhen == BuildSwitch.Automatic;
            if (record.Building is not null && record.SwitchesItself == isAutomatic)
                return record.Building;
            var builds = record.Building is null ? record.Builds + 1 : record.Builds;
            var next = record with
            {
                Building = record.Building ?? CollectionName.Of(name, CollectionName.VersionOf(record.Live), builds),
                SwitchesItself = isAutomatic,
                Builds = builds,
            };
            if (!await Catalog.Put(next, null, cancellationToken).ConfigureAwait(false))
                continue;
            await Tell(cancellationToken).ConfigureAwait(false);
            return next.Building;
        }
    }

    /// <summary>Waits until a build has taken over, or, where that is left to somebody, until it has caught up.</summary>
    public async Task Watch(
        string name, string building, TimeSpan reportEvery, IProgress<RebuildProgress>? progress, CancellationToken cancellationToken)
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
            if (record.Live == building || (done >= total && record.Building == building && !record.SwitchesItself))
                return;
            if (record.Building != building)
                throw new ReadModelBuildException(name, $"the build '{building}' was dropped meanwhile.");
            if (done < total)
                continue;
            if (await Objection(record, building, cancellationToken).ConfigureAwait(false) is { } objection)
                throw new ReadModelBuildException(name, objection + ". Once they are decided it does by itself.");
            // Where the build runs here, it need not wait for the next look.
            if (host.IsRunning && host.Companion is BuildKeeper keeper)
                await keeper.SwitchWhatHasCaughtUp(cancellationToken).ConfigureAwait(false);
            if (Catalog.Find(name)?.Live != building)
                await Task.Delay(TryAgainAfter, Store.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Compares the live collection with the one being built or, when there is none, with the one that is kept.</summary>
    public async Task<ReadModelComparison> Compare(string name, int examples, CancellationToken cancellationToken)
    {
        var record = await Get(name, cancellationToken).ConfigureAwait(false);
        // What is kept was there before what is live.
        var (before, after) = record.Building is { } building ? (record.Live, building)
            : record.Kept is { } kept ? (kept, record.Live)
            : throw new ReadModelBuildException(name, "there is nothing to compare it with: no build is under way, and none is kept.");
        var comparison = new CollectionComparison(Compared(before), Compared(after), examples);
        return await comparison.Run(Store.Time, cancellationToken).ConfigureAwait(false);
    }

    private ComparedCollection Compared(string collection) => new(
        Store.Storage.Documents,
        collection,
        cancellationToken => _waiter.Wait(collection, long.MaxValue, TimeSpan.Zero, cancellationToken));

    /// <summary>Has the build take over as soon as it is near enough.</summary>
    public Task Switch(string name, TimeSpan wait, bool evenWithDeadLetters, CancellationToken cancellationToken) => Switch(
        name,
        record => record.Building is { } building ? Over(record, building) : null,
        "no build is under way. Begin one first.",
        wait,
        evenWithDeadLetters,
        cancellationToken);

    /// <summary>Has the collection take over again that was live before.</summary>
    public Task GoBack(string name, TimeSpan wait, bool evenWithDeadLetters, CancellationToken cancellationToken) => Switch(
        name,
        record => record.Kept is { } kept ? record with { Live = kept, Kept = record.Live } : null,
        "nothing is kept to go back to.",
        wait,
        evenWithDeadLetters,
        cancellationToken);

    /// <summary>Why a build should not take over by itself, though it has caught up; null when it may.</summary>
    public ValueTask<string?> Objection(ReadModelRecord record, string building, CancellationToken cancellationToken) =>
        _check.LettersAgainst(record.Live, building, cancellationToken);

    /// <summary>What is dropped unless somebody says which: the build under way or, when there is none, what is kept.</summary>
    public static string? Spare(ReadModelRecord record) => record.Building ?? record.Kept;

    /// <summary>Drops one of the collections beside the live one; returns which, or null.</summary>
    public async ValueTask<string?> Drop(string name, Func<ReadModelRecord, string?> which, CancellationToken cancellationToken)
    {
        while (true)
        {
            var record = await Get(name, cancellationToken).ConfigureAwait(false);
            if (which(record) is not { } dropped)
                return null;
            var next = record.Building == dropped ? record with { Building = null } : record with { Kept = null };
            await RefuseWhatIsKept(next, dropped, cancellationToken).ConfigureAwait(false);
            if (!await Catalog.Put(next, null, cancellationToken).ConfigureAwait(false))
                continue;
            await Tell(cancellationToken).ConfigureAwait(false);
            await RemoveIfFree(dropped, cancellationToken).ConfigureAwait(false);
            return dropped;
        }
    }

    /// <summary>The row with a collection in the place of the live one, which is kept.</summary>
    public static ReadModelRecord Over(ReadModelRecord record, string live) =>
        record with { Live = live, Building = null, Kept = record.Live };

    /// <summary>Writes a switch; false when the row has moved on, or the new collection is behind the old one.</summary>
    public async ValueTask<bool> TrySwitch(ReadModelRecord record, ReadModelRecord next, CancellationToken cancellationToken)
    {
        if (!await Catalog.Put(next, record.Live, cancellationToken).ConfigureAwait(false))
            return false;
        ConsumerLog.Switched(host.Logger, record.Name, record.Live, next.Live);
        if (record.Kept is { } displaced && displaced != next.Live)
            await RemoveIfFree(displaced, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task Switch(
        string name,
        Func<ReadModelRecord, ReadModelRecord?> change,
        string refusal,
        TimeSpan wait,
        bool evenWithDeadLetters,
        CancellationToken cancellationToken)
    {
        var started = Store.Time.GetTimestamp();
        while (true)
        {
            var record = await Get(name, cancellationToken).ConfigureAwait(false);
            var next = change(record) ?? throw new ReadModelBuildException(name, refusal);
            var lag = await LagOf(next.Live, cancellationToken).ConfigureAwait(false);
            var isAbandoned = await _check.IsAbandoned(record.Live, next.Live, cancellationToken).ConfigureAwait(false);
            if (lag <= host.Options.BatchEvents && !isAbandoned)
            {
                if (!evenWithDeadLetters && await Objection(record, next.Live, cancellationToken).ConfigureAwait(false) is { } objection)
                    throw new ReadModelBuildException(name, objection + ".");
                if (await TrySwitch(record, next, cancellationToken).ConfigureAwait(false))
                    break;
            }
            if (Store.Time.GetElapsedTime(started) >= wait)
            {
                throw new TimeoutException(
                    $"'{next.Live}' cannot take over from '{record.Live}' within {wait}: "
                    + (isAbandoned ? "no node keeps it up to date" : $"it is {lag} events behind the end of the log")
                    + ". A node of its version must run; see 'projections'.");
            }
            await Task.Delay(TryAgainAfter, Store.Time, cancellationToken).ConfigureAwait(false);
        }
        await Tell(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<long> LagOf(string consumer, CancellationToken cancellationToken)
    {
        var head = await Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false);
        var reached = await _waiter.Wait(consumer, head.Position, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        return Math.Max(0, head.Position - reached);
    }

    /// <summary>A node goes on with a collection of its version when the catalogue names none: then nothing would be dropped.</summary>
    private async ValueTask RefuseWhatIsKept(ReadModelRecord next, string dropped, CancellationToken cancellationToken)
    {
        var version = CollectionName.VersionOf(dropped);
        string?[] named = [next.Live, next.Building, next.Kept];
        if (Array.Exists(named, one => one is not null && CollectionName.VersionOf(one) == version))
            return;
        if (!await _check.IsHeld(dropped, cancellationToken).ConfigureAwait(false))
            return;
        throw new ReadModelBuildException(
            next.Name,
            $"'{dropped}' cannot be dropped: nodes of version {version} run and go on with it, and would begin it anew. Stop them first, "
            + "or let a node of another version take their place.");
    }

    /// <summary>Removes a collection that nobody works on. Where somebody does, it is removed by whoever lets it go.</summary>
    private async ValueTask RemoveIfFree(string collection, CancellationToken cancellationToken)
    {
        if (await _check.IsHeld(collection, cancellationToken).ConfigureAwait(false))
            return;
        await Store.Storage.Documents.Drop(collection, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask Tell(CancellationToken cancellationToken)
    {
        if (host.IsRunning && host.Companion is BuildKeeper keeper)
            await keeper.Look(cancellationToken).ConfigureAwait(false);
    }
}
