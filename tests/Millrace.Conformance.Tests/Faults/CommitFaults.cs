using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class LosesAnEvent(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.WithEvents(events => events.Count > 1 ? events.SkipLast(1) : events);
}

internal sealed class DoublesAnEvent(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.WithEvents(events => events.Count > 1 ? events.Append(events[^1]) : events);
}

internal sealed class ReordersEvents(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.WithEvents(events => events.Reverse());
}

internal sealed class IgnoresTheExpectedVersion(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(appends: [.. request.Appends.Select(append => append with { Expected = ExpectedVersion.Any })]);
}

internal sealed class IgnoresConditions(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) => request.With(conditions: []);
}

/// <summary>Checks conditions against the content of the store before the batch.</summary>
internal sealed class ChecksConditionsBeforeTheBatch(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var checkedRequests = new List<CommitRequest>();
        foreach (var request in batch)
        {
            var holds = true;
            foreach (var condition in request.Conditions)
            {
                var query = new LogPageQuery(condition.Filter, condition.After + 1, false, 1);
                holds &= (await Inner.Log.ReadLog(query, cancellationToken)).Events.Count == 0;
            }
            checkedRequests.Add(holds ? request.With(conditions: []) : request);
        }
        return await Inner.Log.Commit(checkedRequests, now, cancellationToken);
    }
}

internal sealed class ForgetsTheCheckpoint(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) => request.With(checkpoint: _ => null);
}

internal sealed class CommitsCheckpointSeparately(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcomes = await Inner.Log.Commit(
            [.. batch.Select(request => request.With(checkpoint: _ => null))],
            now,
            cancellationToken);
        foreach (var request in batch.Where(request => request.Checkpoint is not null))
            await Inner.Log.Commit([new CommitRequest { Checkpoint = request.Checkpoint }], now, cancellationToken);
        return outcomes;
    }
}

internal sealed class IgnoresTheLeaseEpoch(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var records = await Inner.Leases.List(cancellationToken);
        var epochs = records.ToDictionary(record => (record.Consumer, record.Partition), record => record.LeaseEpoch);
        return await Inner.Log.Commit(
            [
                .. batch.Select(request =>
                    request.With(checkpoint: move =>
                        move is null
                            ? null
                            : move with
                            {
                                LeaseEpoch = epochs.GetValueOrDefault((move.Consumer, move.Partition)),
                            }
                    )
                ),
            ],
            now,
            cancellationToken);
    }
}

/// <summary>Writes some parts of a refused request.</summary>
internal sealed class LeaksARefusedRequest(IStorage inner, Func<CommitRequest, CommitRequest> leak) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcomes = await Inner.Log.Commit(batch, now, cancellationToken);
        for (var i = 0; i < batch.Count; i++)
        {
            if (outcomes[i].Result == CommitResult.Refused)
                await Inner.Log.Commit([leak(batch[i])], now, cancellationToken);
        }
        return outcomes;
    }
}

/// <summary>Writes the streams of a request one after the other instead of together.</summary>
internal sealed class WritesStreamsSeparately(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcomes = new List<CommitOutcome>();
        foreach (var request in batch)
        {
            for (var i = 0; i + 1 < request.Appends.Count; i++)
                await Inner.Log.Commit([new CommitRequest { Appends = [request.Appends[i]] }], now, cancellationToken);
            outcomes.AddRange(await Inner.Log.Commit([request], now, cancellationToken));
        }
        return [.. outcomes];
    }
}

/// <summary>Starts the second page of handled ids one record too late.</summary>
internal sealed class SkipsAnAnswerBetweenPages(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken) =>
        await Inner.Log.ListHandled(after, limit, cancellationToken) is { } page && after is not null
            ? [.. page.Skip(1)]
            : await Inner.Log.ListHandled(after, limit, cancellationToken);
}

/// <summary>Rolls back the complete batch if one of its requests is refused.</summary>
internal sealed class RefusesTheWholeBatch(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        CommitOutcome? refused = null;
        var outcomes = new List<CommitOutcome>();
        foreach (var request in batch)
        {
            var outcome = refused ?? (await Inner.Log.Commit([request], now, cancellationToken))[0];
            refused ??= outcome.Result == CommitResult.Refused ? outcome : null;
            outcomes.Add(outcome);
        }
        return [.. outcomes];
    }
}

internal sealed class SwapsOutcomes(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        [.. (await Inner.Log.Commit(batch, now, cancellationToken)).Reverse()];
}

internal sealed class ForgetsHandledIds(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) => request.With(handled: []);
}

internal sealed class NeverForgetsHandledIds(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(handled: [.. request.Handled.Select(mark => mark with { Until = DateTimeOffset.MaxValue })]);
}

internal sealed class MixesScopesOfHandledIds(IStorage inner) : FaultyLog(inner)
{
    public override ValueTask<HandledAnswer?> FindHandled(
        string scope,
        string id,
        CancellationToken cancellationToken) => Inner.Log.FindHandled("", id, cancellationToken);

    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(handled: [.. request.Handled.Select(mark => mark with { Scope = "" })]);
}

internal sealed class ReplacesNoAnswer(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(handled: [.. request.Handled.Select(mark => mark with { Replaces = null })]);
}

/// <summary>Lets an answer that names an expected stored answer replace any stored answer.</summary>
internal sealed class ReplacesAnyAnswer(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var changed = new List<CommitRequest>();
        foreach (var request in batch)
        {
            var marks = new List<HandledMark>();
            foreach (var mark in request.Handled)
            {
                var stored = await Inner.Log.FindHandled(mark.Scope, mark.Id, cancellationToken);
                marks.Add(mark.Replaces is null ? mark : mark with { Replaces = stored?.Answer });
            }
            changed.Add(request.With(handled: marks));
        }
        return await Inner.Log.Commit(changed, now, cancellationToken);
    }
}

/// <summary>Gives every event a new id, so that a repetition is never recognized.</summary>
internal sealed class ForgetsRepetitions(IStorage inner) : FaultyLog(inner)
{
    private int _next;

    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.WithEvents(events =>
            events.Select(encoded => new EncodedEvent
            {
                Id = new Guid(++_next, 0, 0, new byte[8]),
                Type = encoded.Type,
                Payload = encoded.Payload,
                Tags = encoded.Tags,
            })
        );
}

internal sealed class ReleasesForeignClaims(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var changed = new List<CommitRequest>();
        foreach (var request in batch)
        {
            var claims = new List<Claim>();
            foreach (var claim in request.Claims)
            {
                var owner = claim.IsRelease
                    ? await Inner.Log.FindClaim(claim.Scope, claim.Value, cancellationToken)
                    : null;
                claims.Add(owner is null ? claim : Claim.Release(claim.Scope, claim.Value, owner));
            }
            changed.Add(request.With(claims: claims));
        }
        return await Inner.Log.Commit(changed, now, cancellationToken);
    }
}

internal sealed class ComparesClaimsWithoutCase(IStorage inner) : FaultyLog(inner)
{
    public override ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken) =>
        Inner.Log.FindClaim(scope, value.ToUpperInvariant(), cancellationToken);

    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(
            claims:
            [
                .. request.Claims.Select(claim =>
                    claim.IsRelease
                        ? Claim.Release(claim.Scope, claim.Value.ToUpperInvariant(), claim.Owner)
                        : Claim.Acquire(claim.Scope, claim.Value.ToUpperInvariant(), claim.Owner)),
            ]
        );
}

internal sealed class ForgetsToRemoveDocuments(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(documents: [.. request.Documents.Where(change => change.Body is not null)]);
}

internal sealed class IgnoresDocumentVersions(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(documents: [.. request.Documents.Select(change => change with { FromVersion = null })]);
}

internal sealed class ComparesDecimalsAsFloats(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(documents: [.. request.Documents.Select(change => change with
    {
        Fields = [.. change.Fields.Select(field =>
            field.Value is decimal exact && Math.Abs(exact) < 1e28m ? (decimal)(double)exact : field)],
    })]);
}

internal sealed class RecordsBackwardClock(IStorage inner) : FaultyLog(inner)
{
    private readonly Dictionary<long, DateTimeOffset> _clock = [];

    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = await Inner.Log.GetHead(cancellationToken);
        var outcomes = await Inner.Log.Commit(batch, now, cancellationToken);
        var after = await Inner.Log.GetHead(cancellationToken);
        for (var position = before.Position + 1; position <= after.Position; position++)
            _clock[position] = now;
        return outcomes;
    }

    protected override RecordedEvent ApplyFault(RecordedEvent recorded) =>
        recorded.With(timestamp: _clock[recorded.Position]);
}

/// <summary>Loses the records of removals.</summary>
internal sealed class RecordsNoRemoval(IStorage inner) : FaultyLog(inner)
{
    public override ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream,
        CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<RemovalRecord>>([]);
}

internal sealed class RecordsRemovalsOfNothing(IStorage inner) : FaultyLog(inner)
{
    private readonly List<RemovalRecord> _records = [];

    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var before = await base.ListRemovals(null, cancellationToken);
        var outcomes = await base.Commit(batch, now, cancellationToken);
        var after = await base.ListRemovals(null, cancellationToken);
        var removals = batch.SelectMany(request => request.Removals).ToList();
        if (after.Count == before.Count)
        {
            _records.AddRange(
                removals.Select(removal => new RemovalRecord(
                    removal.Stream,
                    removal.Kind,
                    removal.Before,
                    removal.Before - 1,
                    0,
                    removal.Reason,
                    removal.By,
                    now)));
        }
        return outcomes;
    }

    public override async ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream,
        CancellationToken cancellationToken) => [.. await base.ListRemovals(stream, cancellationToken), .. _records];
}

internal sealed class TruncatesOneTooMany(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(removals: [.. request.Removals.Select(removal => removal with { Before = removal.Before + 1 })]);
}

internal sealed class ReopensClosedStreams(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(
            removals:
            [
                .. request.Removals.Select(removal =>
                    removal.Kind == RemovalKind.Tombstone ? removal with { Kind = RemovalKind.Delete } : removal),
            ]
        );
}
