using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class ForgetsDeadLetters(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) => request.With(deadLetters: []);
}

internal sealed class OverwritesConcurrentDeadLetterChanges(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var changed = new List<CommitRequest>();
        foreach (var request in batch)
        {
            var changes = new List<DeadLetterChange>();
            foreach (var (letter, isRemoval) in request.DeadLetters)
            {
                var stored = await Inner.DeadLetters.Find(
                    letter.Consumer, letter.Partition, letter.Position, letter.Key, cancellationToken);
                changes.Add(new DeadLetterChange(
                    letter with { Id = stored?.Id ?? 0, Revision = stored?.Revision ?? 0 }, isRemoval));
            }
            changed.Add(request.With(deadLetters: changes));
        }
        return await Inner.Log.Commit(changed, now, cancellationToken);
    }
}

internal sealed class DropsEditedPayloads(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) =>
        request.With(
            deadLetters:
            [
                .. request.DeadLetters.Select(change =>
                    change with
                    {
                        DeadLetter = change.DeadLetter with { EditedPayload = null },
                    }
                ),
            ]
        );
}

internal sealed class StartsDeadLettersOneOff(IStorage inner) : FaultyDeadLetters(inner)
{
    public override ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query,
        CancellationToken cancellationToken
    ) => base.List(query.After == 0 ? query : query with { After = query.After + 1 }, cancellationToken);
}

internal sealed class GroupsAllDeadLetters(IStorage inner) : FaultyDeadLetters(inner)
{
    public override async ValueTask<IReadOnlyList<DeadLetterGroup>> ListGroups(
        string? consumer, int limit, CancellationToken cancellationToken)
    {
        var letters = await Inner.List(new DeadLetterQuery { Consumer = consumer, Limit = 1_000 }, cancellationToken);
        return
        [
            .. letters
                .GroupBy(letter => (letter.Consumer, Cause: letter.Cause ?? ""))
                .Select(group => new DeadLetterGroup(
                    group.Key.Consumer,
                    group.Key.Cause,
                    group.LongCount(),
                    group.Min(letter => letter.FirstFailedAt ?? default),
                    group.Max(letter => letter.LastFailedAt ?? default),
                    group.First()))
                .OrderByDescending(group => group.DeadLetters)
                .Take(limit),
        ];
    }
}

internal sealed class ForgetsStates(IStorage inner) : FaultyDeadLetters(inner)
{
    public override ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query,
        CancellationToken cancellationToken) => base.List(query with { States = [] }, cancellationToken);
}

internal sealed class ForgetsPositions(IStorage inner) : FaultyDeadLetters(inner)
{
    public override ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query,
        CancellationToken cancellationToken) => base.List(query with { AfterPosition = 0 }, cancellationToken);
}

internal sealed class ReadsFullDeadLetters(IStorage inner) : FaultyDeadLetters(inner)
{
    public override ValueTask<IReadOnlyList<DeadLetter>> List(
        DeadLetterQuery query,
        CancellationToken cancellationToken) => base.List(query with { IsBrief = false }, cancellationToken);
}

internal sealed class ForgetsEditsInAReset(IStorage inner) : FaultyLeases(inner)
{
    private readonly IStorage _inner = inner;

    public override async ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        var open = await _inner.DeadLetters.List(new DeadLetterQuery { Limit = 1_000 }, cancellationToken);
        await base.Reset(consumer, checkpoint, cancellationToken);
        foreach (var letter in open)
        {
            if (!letter.IsOpen
                || await _inner.DeadLetters.Get(letter.Id, cancellationToken) is not { IsOpen: false } kept)
                continue;
            var removal = new DeadLetterChange(kept, IsRemoval: true);
            await _inner.Log.Commit(
                [new CommitRequest { DeadLetters = [removal] }],
                DateTimeOffset.UnixEpoch,
                cancellationToken);
        }
        return null;
    }
}

internal sealed class KeepsDeadLettersAfterReset(IStorage inner) : FaultyLeases(inner)
{
    private readonly IStorage _inner = inner;

    public override async ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        var letters = await _inner.DeadLetters.List(new DeadLetterQuery { Limit = 1_000 }, cancellationToken);
        await base.Reset(consumer, checkpoint, cancellationToken);
        foreach (var letter in letters)
        {
            if (await _inner.DeadLetters.Get(letter.Id, cancellationToken) is not null)
                continue;
            var copy = new DeadLetterChange(letter with { Id = 0, Revision = 0 });
            await _inner.Log.Commit(
                [new CommitRequest { DeadLetters = [copy] }],
                DateTimeOffset.UnixEpoch,
                cancellationToken);
        }
        return null;
    }
}

internal sealed class ResetsAfterLosingDeadLetters(IStorage inner) : FaultyLeases(inner)
{
    private readonly IStorage _inner = inner;

    public override async ValueTask<long?> Reset(string consumer, long checkpoint, CancellationToken cancellationToken)
    {
        while (await base.Reset(consumer, checkpoint, cancellationToken) is { } id)
        {
            var lost = new DeadLetterChange((await _inner.DeadLetters.Get(id, cancellationToken))!, IsRemoval: true);
            await _inner.Log.Commit(
                [new CommitRequest { DeadLetters = [lost] }],
                DateTimeOffset.UnixEpoch,
                cancellationToken);
        }
        return null;
    }
}

internal sealed class OmitsReleasedDeadLetters(IStorage inner) : FaultyLeases(inner)
{
    public override async ValueTask<IReadOnlyList<ConsumerRecord>> List(CancellationToken cancellationToken) =>
        [.. (await base.List(cancellationToken)).Select(record => record with { ReleasedDeadLetters = 0 })];
}
