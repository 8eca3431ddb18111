using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Decrypts the events that are read from the log of a storage.</summary>
internal sealed class ProtectedLog(ILogStorage inner, StoreProtection protection) : ILogStorage
{
    private readonly BlindClaims _claims = new(protection, inner);

    public bool CommitsOnCallingThread => inner.CommitsOnCallingThread;

    public ValueTask<CommitOutcome[]> Commit(
        IReadOnlyList<CommitRequest> batch, DateTimeOffset now, CancellationToken cancellationToken) =>
        inner.Commit(batch, now, cancellationToken);

    public ValueTask<LogHead> GetHead(CancellationToken cancellationToken) => inner.GetHead(cancellationToken);

    public ValueTask WaitForChange(LogHead seen, CancellationToken cancellationToken) =>
        inner.WaitForChange(seen, cancellationToken);

    public async ValueTask<LogUpdate> ReadUpdate(LogHead seen, int limit, CancellationToken cancellationToken)
    {
        var update = await inner.ReadUpdate(seen, limit, cancellationToken).ConfigureAwait(false);
        var events = await protection.Reveal(update.Events, cancellationToken).ConfigureAwait(false);
        return ReferenceEquals(events, update.Events) ? update : update with { Events = events };
    }

    /// <summary>Reads a page. A page for folding would lack the id and the metadata, which decryption needs.</summary>
    public async ValueTask<EventPage> ReadStream(StreamPageQuery query, CancellationToken cancellationToken) =>
        await Reveal(
                await inner.ReadStream(query with { IsFolded = false }, cancellationToken).ConfigureAwait(false),
                cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<EventPage> ReadLog(LogPageQuery query, CancellationToken cancellationToken) =>
        await Reveal(await inner.ReadLog(query, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    public IEventPages ReadPages(LogPageQuery first) => new ProtectedPages(inner.ReadPages(first), protection);

    public async ValueTask<RecordedEvent?> FindEvent(Guid id, CancellationToken cancellationToken) =>
        await Reveal(await inner.FindEvent(id, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    public async ValueTask<RecordedEvent?> FindEvent(StreamId stream, Guid id, CancellationToken cancellationToken) =>
        await Reveal(await inner.FindEvent(stream, id, cancellationToken).ConfigureAwait(false), cancellationToken)
            .ConfigureAwait(false);

    public ValueTask<long> Count(EventFilter filter, CancellationToken cancellationToken) =>
        inner.Count(filter, cancellationToken);

    public ValueTask<StreamHead> GetStream(StreamId stream, CancellationToken cancellationToken) =>
        inner.GetStream(stream, cancellationToken);

    public ValueTask<IReadOnlyList<StreamInfo>> ListStreams(
        string prefix, string? after, int limit, CancellationToken cancellationToken) =>
        inner.ListStreams(prefix, after, limit, cancellationToken);

    public async ValueTask<string?> FindClaim(string scope, string value, CancellationToken cancellationToken)
    {
        var stored = await _claims.ToStored(scope, value, cancellationToken).ConfigureAwait(false);
        return await inner.FindClaim(scope, stored, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<IReadOnlyList<string>> ListEventTypes(CancellationToken cancellationToken) =>
        inner.ListEventTypes(cancellationToken);

    public ValueTask<IReadOnlyList<StoredClaim>?> ListClaims(
        string scope, string? after, int limit, CancellationToken cancellationToken) =>
        inner.ListClaims(scope, after, limit, cancellationToken);

    public ValueTask<HandledAnswer?> FindHandled(string scope, string id, CancellationToken cancellationToken) =>
        inner.FindHandled(scope, id, cancellationToken);

    public ValueTask<IReadOnlyList<HandledRecord>?> ListHandled(
        HandledRecord? after, int limit, CancellationToken cancellationToken) =>
        inner.ListHandled(after, limit, cancellationToken);

    public ValueTask<IReadOnlyList<RemovalRecord>> ListRemovals(
        StreamId? stream, CancellationToken cancellationToken) => inner.ListRemovals(stream, cancellationToken);

    public ValueTask<RemovalPage> ReadRemovals(long after, int limit, CancellationToken cancellationToken) =>
        inner.ReadRemovals(after, limit, cancellationToken);

    private async ValueTask<EventPage> Reveal(EventPage page, CancellationToken cancellationToken)
    {
        var events = await protection.Reveal(page.Events, cancellationToken).ConfigureAwait(false);
        return ReferenceEquals(events, page.Events) ? page : page with { Events = events };
    }

    private async ValueTask<RecordedEvent?> Reveal(RecordedEvent? found, CancellationToken cancellationToken) =>
        found is null || (found.EncryptionKeyId is null && !ProtectedValues.AreConcealed)
            ? found
            : await protection.Reveal(found, cancellationToken).ConfigureAwait(false);
}
