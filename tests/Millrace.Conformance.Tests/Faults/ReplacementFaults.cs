using Millrace.Storage;

namespace Millrace.Conformance.Tests.Faults;

internal sealed class ForgetsReplacements(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) => request.With(replacements: []);
}

internal sealed class KeepsReplacedMetadata(IStorage inner) : FaultyLog(inner)
{
    protected override CommitRequest ApplyFault(CommitRequest request) => request.With(
        replacements: [.. request.Replacements.Select(one => one.WithContent(one.ContentType, one.Payload, default))]);
}

/// <summary>Replaces contents even if the rest of the request is refused.</summary>
internal sealed class ReplacesSeparately(IStorage inner) : FaultyLog(inner)
{
    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var request in batch.Where(request => request.Replacements.Count > 0))
            await Inner.Log.Commit(
                [new CommitRequest { Replacements = request.Replacements }], now, cancellationToken);
        return await Inner.Log.Commit(
            [.. batch.Select(request => request.With(replacements: []))], now, cancellationToken);
    }
}

/// <summary>Writes a replaced event that was removed before.</summary>
internal sealed class ReplacesRemovedEvents(IStorage inner) : FaultyLog(inner)
{
    private readonly Dictionary<Guid, RecordedEvent> _replaced = [];

    public override ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        foreach (var one in batch.SelectMany(request => request.Replacements))
            _replaced[one.Id] = one;
        return base.Commit(batch, now, cancellationToken);
    }

    public override async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        await base.FindEvent(id, cancellationToken) ?? _replaced.GetValueOrDefault(id);
}

/// <summary>Counts a replacement as a new position of the log.</summary>
internal sealed class AppendsReplacements(IStorage inner) : FaultyLog(inner)
{
    private long _replaced;

    public override async ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var outcomes = await base.Commit(batch, now, cancellationToken);
        _replaced += batch.Sum(request => request.Replacements.Count);
        return outcomes;
    }

    public override async ValueTask<LogHead> GetHead(CancellationToken cancellationToken)
    {
        var head = await base.GetHead(cancellationToken);
        return head with { Position = head.Position + _replaced };
    }
}
