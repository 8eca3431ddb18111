using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Projecting;
using Millrace.Projecting.Comparisons;
using Millrace.Projecting.Previews;
using Millrace.Projecting.Replays;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Store;

namespace Millrace;

/// <summary>
/// Runs the projections and upcasters of a build over the history of a store, in memory. Reports the differences from
/// the read models in use, and the events that the build cannot read. A preview does not change the store.
/// </summary>
public static class Preview
{
    private const long ReportInterval = 5_000;

    /// <summary>
    /// Reads the log once, passes each event to each projection, and compares the results with the documents in use.
    /// </summary>
    /// <param name="store">The store, opened with the event types of the build.</param>
    /// <param name="projections">The projections of the build.</param>
    /// <param name="options">The options, or null for the defaults.</param>
    /// <param name="progress">Receives the progress several times during the preview, or null.</param>
    /// <param name="cancellationToken">Cancels the preview.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public static async Task<PreviewReport> Run(
        EventStore store,
        IReadOnlyList<ProjectionDefinition> projections,
        PreviewOptions? options = null,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(projections);
        options ??= new PreviewOptions();
        options.Check();
        var started = store.Time.GetTimestamp();
        var host = ConsumerHost.Idle(store);
        await using (host.ConfigureAwait(false))
        {
            var head = (await store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
            var trials = await CreateTrials(store, host, projections, options, head, cancellationToken)
                .ConfigureAwait(false);
            var unreadable = new Dictionary<(string, int), UnreadableType>();
            var unknown = await Read(store, trials, unreadable, head, progress, cancellationToken)
                .ConfigureAwait(false);
            var timePerEvent = store.Time.GetElapsedTime(started) / Math.Max(1, head);
            var found = new List<ProjectionPreview>();
            foreach (var trial in trials)
                found.Add(
                    await Compare(store, host, trial, options, timePerEvent, cancellationToken).ConfigureAwait(false));
            var unreadableTypes = unreadable.Values.OrderBy(type => type.FirstPosition).ToArray();
            return new PreviewReport(head, found, unreadableTypes, unknown, store.Time.GetElapsedTime(started));
        }
    }

    private static async Task<List<ProjectionTrial>> CreateTrials(
        EventStore store,
        ConsumerHost host,
        IReadOnlyList<ProjectionDefinition> projections,
        PreviewOptions options,
        long head,
        CancellationToken cancellationToken)
    {
        await store.ReadModels.Refresh(cancellationToken).ConfigureAwait(false);
        var stored = await store.Storage.Documents.List(cancellationToken).ConfigureAwait(false);
        var names = stored.Select(collection => collection.Definition.Name).ToHashSet(StringComparer.Ordinal);
        var waiter = new ProgressWaiter(host);
        var trials = new List<ProjectionTrial>();
        foreach (var definition in projections.Where(projection => projection.Lifecycle != ProjectionLifecycle.Live))
        {
            var live = LiveOf(store.ReadModels.Find(definition.Name)?.Live, definition, names);
            // The trial stops at the position of the documents in use. Events that these documents do not contain yet
            // are therefore not differences.
            var until = live is null || definition.Lifecycle == ProjectionLifecycle.Inline
                ? head
                : Math.Min(head, await waiter.Wait(live, head, TimeSpan.Zero, cancellationToken).ConfigureAwait(false));
            var scope = new TrialScope(
                live,
                until,
                await FindResolutions(store, definition, live, cancellationToken).ConfigureAwait(false),
                definition.Lifecycle == ProjectionLifecycle.Inline
                    ? await StreamRecreations.Read(store, cancellationToken).ConfigureAwait(false)
                    : null,
                key => IsInSample(key, options.OneOf));
            trials.Add(definition.CreateTrial(store.Types, scope));
        }
        return trials;
    }

    /// <summary>
    /// Returns the final decisions about dead letters. They apply to a rebuild of the same version, but not to another
    /// version.
    /// </summary>
    private static async ValueTask<DeadLetterResolutions> FindResolutions(
        EventStore store, ProjectionDefinition definition, string? live, CancellationToken cancellationToken) =>
        live is null || CollectionName.VersionOf(live) != definition.Version
            ? DeadLetterResolutions.None
            : (
                await ReadModelDeadLetters.Load(store, live, cancellationToken).ConfigureAwait(false)
            ).ToFinalDecisions();

    /// <summary>
    /// Returns the collection in use from the catalog. If the catalog has none, returns the newest collection that an
    /// earlier build created.
    /// </summary>
    private static string? LiveOf(string? catalogLive, ProjectionDefinition definition, HashSet<string> names) =>
        catalogLive is not null && names.Contains(catalogLive)
            ? catalogLive
            : names.Where(name => CollectionName.NameOf(name) == definition.Name).MaxBy(CollectionName.VersionOf);

    private static async Task<long> Read(
        EventStore store,
        List<ProjectionTrial> trials,
        Dictionary<(string, int), UnreadableType> unreadable,
        long head,
        IProgress<MaintenanceProgress>? progress,
        CancellationToken cancellationToken)
    {
        var unknown = 0L;
        await foreach (var recorded in
            store.Reader.ReadUncounted(EventFilter.All, 1, false, cancellationToken).ConfigureAwait(false))
        {
            if (recorded.Position > head)
                break;
            if (recorded.Position % ReportInterval == 0)
                progress?.Report(new MaintenanceProgress(recorded.Position, head, "events read"));
            if (recorded.Data is UnreadableEvent data)
            {
                var key = (recorded.Type, recorded.SchemaVersion);
                unreadable[key] = unreadable.TryGetValue(key, out var known)
                    ? known with { Events = known.Events + 1 }
                    : new UnreadableType(recorded.Type, recorded.SchemaVersion, 1, recorded.Position, data.Reason);
            }
            else if (recorded.Data is UnknownEvent { IsOfPlatform: false })
            {
                unknown++;
            }
            foreach (var trial in trials)
                trial.Add(recorded);
        }
        return unknown;
    }

    private static async Task<ProjectionPreview> Compare(
        EventStore store,
        ConsumerHost host,
        ProjectionTrial trial,
        PreviewOptions options,
        TimeSpan timePerEvent,
        CancellationToken cancellationToken)
    {
        var shadow = new InMemoryStorage(store.Time);
        await using (shadow.ConfigureAwait(false))
        {
            await shadow.Open(cancellationToken).ConfigureAwait(false);
            await trial.WriteTo(shadow, store.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            var collection = trial.Definition.Collection;
            var empty = new CollectionDefinition("nothing", []);
            await shadow.Documents.EnsureCollection(empty, cancellationToken).ConfigureAwait(false);
            var before = trial.Live is { } live
                ? new ComparedCollection(store.Storage.Documents, live, Reached(host, trial, live))
                {
                    Expiry = await new ExpiryStore(store).FindColumn(live, cancellationToken).ConfigureAwait(false),
                }
                : new ComparedCollection(shadow.Documents, empty.Name, _ => new(trial.Until));
            var after = new ComparedCollection(shadow.Documents, collection, _ => new(trial.Until));
            var comparison = new CollectionComparison(before, after, options.Examples)
            {
                IsCompared = key => IsInSample(key, options.OneOf),
            };
            var found = await comparison.Run(store.Time, cancellationToken).ConfigureAwait(false);
            var expectedTime = timePerEvent * trial.Until;
            return new ProjectionPreview(
                collection,
                trial.Live,
                found,
                trial.Events,
                trial.Documents,
                trial.Bytes,
                expectedTime,
                trial.Failed,
                trial.Failures);
        }
    }

    private static Func<CancellationToken, ValueTask<long>> Reached(
        ConsumerHost host, ProjectionTrial trial, string live)
    {
        if (trial.Definition.Lifecycle == ProjectionLifecycle.Inline)
            return async cancellationToken =>
                (await host.Store.Storage.Log.GetHead(cancellationToken).ConfigureAwait(false)).Position;
        var waiter = new ProgressWaiter(host);
        return cancellationToken => waiter.Wait(live, long.MaxValue, TimeSpan.Zero, cancellationToken);
    }

    /// <summary>Selects the same documents in each run, by the FNV-1a hash of their keys.</summary>
    private static bool IsInSample(string key, int oneOf)
    {
        if (oneOf == 1)
            return true;
        var hash = 2166136261u;
        foreach (var character in key)
            hash = (hash ^ character) * 16777619u;
        return hash % (uint)oneOf == 0;
    }
}
