using Millrace.Shared.Comparisons;

namespace Millrace.Explaining;

/// <summary>
/// Explains members of the states of aggregates and deciders. It replays a stream and follows the value of the member.
/// </summary>
internal sealed class StreamExplainer(EventStore store, ModelCatalog model)
{
    /// <summary>
    /// Finds the first split of a path into stream and member whose stream exists. If there is none, returns the last
    /// split whose stream could belong to an aggregate or a decider.
    /// </summary>
    public async ValueTask<(StreamId? Stream, MemberPath? Member)> Find(
        IReadOnlyList<(string Key, MemberPath? Member)> splits, CancellationToken cancellationToken)
    {
        (StreamId? Stream, MemberPath? Member) lastPossible = default;
        foreach (var (name, member) in splits)
        {
            if (!TryParseStream(name, out var stream) || StreamSubject.Of(model, stream) is null)
                continue;
            lastPossible = (stream, member);
            if (await new StreamFinder([store]).Find(stream, cancellationToken).ConfigureAwait(false) is { } existing)
                return (existing, member);
        }
        return lastPossible;
    }

    /// <summary>Explains a member of the state of a stream.</summary>
    public async Task<Explanation> Explain(
        StreamId stream, MemberPath? member, ExplanationOptions options, CancellationToken cancellationToken)
    {
        var subject =
            StreamSubject.Of(model, stream)
            ?? throw new NothingToExplainException(
                $"No aggregate or decider of the model has streams like '{stream}'.",
                stream.Value,
                [.. StreamSubject.CategoriesOf(model)]);
        if (options.Continuation is { } continuation)
            throw SearchContinuation.InvalidText(continuation); // A search for a state cannot be continued.
        var moment = await LogMoment.Of(store, options.Moment, cancellationToken).ConfigureAwait(false);
        var history = new ValueHistory(store.Types, member, options.Most);
        var failures = new FailureSamples();
        var time = new SearchTimeBudget(store.Time, options.TimeLimit);
        var (events, reached) = await Replay(subject, stream, history, failures, moment, time, cancellationToken)
            .ConfigureAwait(false);
        if (member is not null
            && !history.WasSeen
            && reached == moment.Position
            && history.NamesNearby is { Count: > 0 } names)
        {
            throw new NothingToExplainException(
                $"The state of {subject.Name} has no '{member}'.", member.Text, names);
        }
        var isNow = options.Moment == HistoryMoment.Now && reached == moment.Position;
        var changes = history.Changes();
        return new Explanation
        {
            Kind = subject.Kind,
            Name = subject.Name,
            Key = stream.Key,
            Stream = stream,
            Member = member?.Text,
            Value = ValueHistory.Text(history.Value),
            Exists = history.Exists,
            Position = reached,
            Until = moment.Position,
            Events = events,
            ChangeCount = history.Count,
            Changes = changes,
            Stored = new StoredValue(isNow ? StoredValueState.NotStored : StoredValueState.NotCompared),
            Causes = await Provenance.CausesOf(store, changes, cancellationToken).ConfigureAwait(false),
            Removals = await Provenance.RemovalsOf(store, stream, cancellationToken).ConfigureAwait(false),
            FailureCount = failures.Count,
            Failures = failures.First,
        };
    }

    private static bool TryParseStream(string name, out StreamId stream)
    {
        try
        {
            stream = new StreamId(name);
            return true;
        }
        catch (InvalidNameException)
        {
            stream = default;
            return false;
        }
    }

    private async Task<(long Events, long Reached)> Replay(
        StreamSubject subject,
        StreamId stream,
        ValueHistory history,
        FailureSamples failures,
        LogMoment moment,
        SearchTimeBudget time,
        CancellationToken cancellationToken)
    {
        time.Start();
        var replay = subject.CreateReplay(stream.Key);
        var events = 0L;
        var pastEvents = await StreamHistory.Of(store, stream, moment, cancellationToken).ConfigureAwait(false);
        await foreach (var recorded in pastEvents.Read(cancellationToken).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.IsOver)
                return (events, recorded.Position - 1);
            failures.Try(recorded, () =>
            {
                var rules = replay.Fold(recorded);
                events++;
                history.Add(recorded, isCorrected: false, rules, replay.Write());
            });
        }
        return (events, moment.Position);
    }
}
