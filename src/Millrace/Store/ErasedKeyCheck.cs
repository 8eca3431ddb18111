using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Destroys the keys of erased data subjects again if the key store contains them again, because an old backup of the
/// key store was restored. Runs before a store opens for readers.
/// </summary>
/// <remarks>
/// The log names the destroyed keys. A key store without these records is treated in the same way, because otherwise
/// new keys of the subject could be created.
/// </remarks>
internal sealed class ErasedKeyCheck(
    EventStore store, CommitGateway gateway, KeyRing keys, ErasedKeyReader reader)
{
    private const int PageEvents = 200;
    private const int PageKeys = 500;

    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask Run(CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(ErasedKeyReader.Filter, 1, IsBackwards: false, PageEvents);
        while (true)
        {
            var page = await store.Stored.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            await Check(page.Events, cancellationToken).ConfigureAwait(false);
            if (page.IsEnd)
                return;
            query = query with { From = page.Next };
        }
    }

    private async ValueTask Check(IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var trusted = await reader.AddOwners(events, cancellationToken).ConfigureAwait(false);
        var (erasures, destroyed) = await reader.AddKeys(trusted, cancellationToken).ConfigureAwait(false);
        foreach (var (stream, found) in erasures)
        {
            if (!found.KeyIds.All(destroyed.Contains))
                await DestroyAgain(stream, found, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask DestroyAgain(StreamId stream, ErasedKeys erased, CancellationToken cancellationToken)
    {
        var revived = new List<string>();
        foreach (var owner in erased.Owners())
            revived.AddRange(await keys.Destroy(owner, cancellationToken).ConfigureAwait(false));
        // Keys that the restored key store never had are missing, and stay missing. Only a change is recorded.
        var current = await RecordsOf(erased, cancellationToken).ConfigureAwait(false);
        if (revived.Count == 0 && !await IsNew(stream, current, cancellationToken).ConfigureAwait(false))
            return;
        var content = erased with { KeyIds = [.. current] };
        var again = NewEvent.FromBytes(ErasureEvents.KeysDestroyedAgain, content.ToBytes());
        var request = store.Encode(new AppendRequest().ToReserved(stream, ExpectedVersion.Any, again));
        var outcome = await gateway.Commit(request, isBackground: false, cancellationToken).ConfigureAwait(false);
        if (outcome.Refusal is not null)
            throw outcome.Refusal;
    }

    /// <summary>Returns the ids of all destroyed records of the subject in the key store.</summary>
    private async ValueTask<SortedSet<string>> RecordsOf(ErasedKeys erased, CancellationToken cancellationToken)
    {
        var ids = new SortedSet<string>(StringComparer.Ordinal);
        var query = new KeyQuery { Tenant = erased.Tenant, Subject = erased.Subject, Limit = PageKeys };
        await foreach (var record in keys.ReadRecords(query, cancellationToken).ConfigureAwait(false))
        {
            if (record.State == KeyState.Destroyed)
                ids.Add(record.Id);
        }
        return ids;
    }

    /// <summary>Returns whether the last event about destroyed keys of an erasure names other records.</summary>
    private async ValueTask<bool> IsNew(
        StreamId stream, SortedSet<string> current, CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(
            new EventFilter { Types = [ErasureEvents.KeysDestroyedAgain], StreamPrefix = stream.Value },
            long.MaxValue,
            IsBackwards: true,
            Limit: PageEvents);
        var page = await store.Stored.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        var last = page.Events.FirstOrDefault(recorded => recorded.Stream == stream);
        return last is null
            || ErasedKeys.Read(last.Payload.Span) is not { } recorded
            || !current.SetEquals(recorded.KeyIds);
    }
}
