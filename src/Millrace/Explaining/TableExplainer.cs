using Millrace.Consuming;
using Millrace.Projecting.Replays;
using Millrace.Shared.Comparisons;

namespace Millrace.Explaining;

/// <summary>
/// Explains a key in the application's own tables. It returns the events that the projection assigns to the key, and
/// the statements that these events produced. Millrace does not read the tables, because only the application knows the
/// row and the column of a value.
/// </summary>
internal sealed class TableExplainer(EventStore store, IReadOnlyList<SqlProjection> tables)
{
    private const int MaxDeadLetters = 100;

    /// <summary>Gets the names of the projections.</summary>
    public IEnumerable<string> Names => tables.Select(table => table.Name).Distinct();

    /// <summary>
    /// Finds a projection by its name, or returns null. If the name contains no version, returns the newest version.
    /// </summary>
    public SqlProjection? Find(string name) =>
        tables.Where(table => table.Name == name || table.Consumer == name).MaxBy(table => table.Version);

    /// <summary>
    /// Explains a path. Because the key may contain dots, the path can be split into key and member in several ways.
    /// The first split that has events is used.
    /// </summary>
    public async Task<Explanation> Explain(
        SqlProjection projection,
        IReadOnlyList<(string Key, MemberPath? Member)> splits,
        ExplanationOptions options,
        CancellationToken cancellationToken)
    {
        if (options.Continuation is { } continuation)
            throw SearchContinuation.InvalidText(continuation);
        var moment = await LogMoment.Of(store, options.Moment, cancellationToken).ConfigureAwait(false);
        var letters = await ReadModelDeadLetters
            .Load(store, projection.Consumer, cancellationToken)
            .ConfigureAwait(false);
        var candidates = splits
            .Select(split => (Track: new TableTracker(projection, split.Key, letters, options.Most), split.Member))
            .ToList();
        var time = new SearchTimeBudget(store.Time, options.TimeLimit);
        var failures = new FailureSamples();
        var reached = await Search(
                projection,
                candidates.ToDictionary(entry => entry.Track.Key, entry => entry.Track, StringComparer.Ordinal),
                letters,
                failures,
                moment.Position,
                time,
                cancellationToken)
            .ConfigureAwait(false);
        var (track, member) = candidates.Find(entry => entry.Track.Events > 0 || entry.Track.Failures.Count > 0)
            is { Track: not null } found
            ? found
            : candidates[0];
        return await Describe(projection, track, member, failures, letters, reached, cancellationToken)
            .ConfigureAwait(false) with
        {
            Until = moment.Position,
        };
    }

    private async Task<long> Search(
        SqlProjection projection,
        Dictionary<string, TableTracker> tracks,
        ReadModelDeadLetters letters,
        FailureSamples failures,
        long until,
        SearchTimeBudget time,
        CancellationToken cancellationToken)
    {
        string[] names = [.. StoredEventTypes.NamesOf(store.Types, projection.Events)];
        if (names.Length == 0)
            return until;
        var finder = new TableKeyFinder(projection);
        return await LogScanner.Run(store, names, 1, until, time, prepare: null, ProcessPage, cancellationToken)
            .ConfigureAwait(false);

        ValueTask<long?> ProcessPage(IReadOnlyList<RecordedEvent> events)
        {
            foreach (var recorded in events.TakeWhile(candidate => candidate.Position <= until))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (time.IsOver)
                    return new(recorded.Position);
                Distribute(recorded, tracks, letters, finder, failures);
            }
            return default;
        }
    }

    private void Distribute(
        RecordedEvent recorded,
        Dictionary<string, TableTracker> tracks,
        ReadModelDeadLetters letters,
        TableKeyFinder finder,
        FailureSamples failures)
    {
        var keys = new List<string>();
        failures.Try(recorded, () => letters.Collect(recorded, finder, keys, includeCorrected: true));
        foreach (var key in keys.Distinct())
            tracks.GetValueOrDefault(key)?.Add(recorded, store.Types);
    }

    private async ValueTask<Explanation> Describe(
        SqlProjection projection,
        TableTracker track,
        MemberPath? member,
        FailureSamples failures,
        ReadModelDeadLetters allDeadLetters,
        long reached,
        CancellationToken cancellationToken)
    {
        var changes = track.Changes;
        var letters = DeadLetterSelection.UpTo(reached, track.Key, allDeadLetters);
        return new Explanation
        {
            Kind = ExplainedKind.Table,
            Name = projection.Name,
            Key = track.Key,
            Member = member?.Text,
            Exists = track.Events > 0,
            Position = reached,
            Until = reached,
            Events = track.Events,
            ChangeCount = track.Count,
            Changes = changes,
            Stored = new StoredValue(StoredValueState.InTables),
            Causes = await Provenance.CausesOf(store, changes, cancellationToken).ConfigureAwait(false),
            Removals = await Provenance
                .RemovalsOf(store, track.Streams, track.Events == 0, cancellationToken)
                .ConfigureAwait(false),
            DeadLetterCount = letters.Count,
            DeadLetters = await DeadLetterSelection
                .Of(store, letters, MaxDeadLetters, cancellationToken)
                .ConfigureAwait(false),
            FailureCount = failures.Count + track.Failures.Count,
            Failures = [.. track.Failures.First.Concat(failures.First)],
        };
    }
}
