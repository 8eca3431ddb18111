using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Locking;

/// <summary>
/// Stores locks in the event store. Each lock is a document, which is written only if it still has the version that was
/// read. Times are from the storage's clock. A lock survives a crash of the program, like all data in the store.
/// </summary>
internal sealed class StoreLockProvider(EventStore store) : ILockProvider
{
    /// <summary>The name of the collection.</summary>
    public const string Name = "locks";

    private static readonly CollectionDefinition Collection = new(Name, []);

    private readonly StoreClock _clock = new(() => store.Storage, store.Time);
    private volatile bool _hasCollection;

    /// <summary>Gets the store. Several providers may use the same store.</summary>
    public EventStore Store => store;

    public string Description => store.Description;

    public async ValueTask<LockResponse> TryTake(
        string name, string owner, TimeSpan duration, CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await Find(name, cancellationToken).ConfigureAwait(false);
            var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
            var record = Read(found);
            if (record.Owner is { } holder && holder != owner && record.Until > now)
                return LockResponse.HeldBy(holder, record.Until - now);
            var token = record.Owner == owner && record.Until > now ? record.Token : record.Token + 1;
            var next = new LockRecord { Token = token, Owner = owner, Until = now + duration };
            if (await TryWrite(name, next, found, cancellationToken).ConfigureAwait(false))
                return LockResponse.Taken(token);
            // Another caller was faster. Each conflict means that some caller acquired or changed the lock, so the
            // callers together make progress.
        }
    }

    public ValueTask<bool> Renew(
        string name,
        string owner,
        long token,
        TimeSpan duration,
        CancellationToken cancellationToken
    ) => Change(name, owner, token, (record, now) => record with { Until = now + duration }, cancellationToken);

    public ValueTask<bool> Release(string name, string owner, long token, CancellationToken cancellationToken) =>
        Change(
            name, owner, token, static (record, now) => record with { Owner = null, Until = now }, cancellationToken);

    /// <summary>Returns whether an owner holds a lock at present.</summary>
    public async ValueTask<bool> IsHeld(string name, CancellationToken cancellationToken)
    {
        var record = Read(await Find(name, cancellationToken).ConfigureAwait(false));
        return record.Owner is not null
            && record.Until > await _clock.Now(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> Change(
        string name,
        string owner,
        long token,
        Func<LockRecord, DateTimeOffset, LockRecord> change,
        CancellationToken cancellationToken)
    {
        while (true)
        {
            var found = await Find(name, cancellationToken).ConfigureAwait(false);
            var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
            var record = Read(found);
            if (record.Owner != owner || record.Token != token || record.Until <= now)
                return false;
            if (await TryWrite(name, change(record, now), found, cancellationToken).ConfigureAwait(false))
                return true;
        }
    }

    private async ValueTask<Document?> Find(string name, CancellationToken cancellationToken)
    {
        if (!_hasCollection)
        {
            await store.Storage.Documents.EnsureCollection(Collection, cancellationToken).ConfigureAwait(false);
            _hasCollection = true;
        }
        return await store.Storage.Documents.Get(Name, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the lock. Returns false if the lock has changed after it was read.</summary>
    private async ValueTask<bool> TryWrite(
        string name, LockRecord record, Document? found, CancellationToken cancellationToken)
    {
        var change = new DocumentChange
        {
            Collection = Name,
            Key = name,
            FromVersion = found?.Version ?? 0,
            Body = JsonSerializer.SerializeToUtf8Bytes(record, LockingJson.Default.LockRecord),
        };
        var outcome = await store
            .TryCommit(new CommitRequest { Documents = [change] }, isBackground: false, cancellationToken)
            .ConfigureAwait(false);
        return outcome.FindDocumentConflict() is null;
    }

    private static LockRecord Read(Document? document) => document is null
        ? new LockRecord()
        : JsonSerializer.Deserialize(document.Body.Span, LockingJson.Default.LockRecord)!; // Written by this class.
}
