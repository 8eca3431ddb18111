using System.Text.Json;
using Microsoft.Extensions.Logging;
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
internal sealed partial class ErasedKeyCheck(
    EventStore store, CommitGateway gateway, KeyRing keys, StoreProtection protection, ILogger logger)
{
    private const int PageEvents = 200;
    private const int PageKeys = 500;

    private static readonly EventFilter Filter = EventFilter.OfTypes(ErasureEvents.KeysDestroyed);

    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask Run(CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(Filter, 1, IsBackwards: false, PageEvents);
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
        var erased = new List<(StreamId Stream, ErasedKeys Keys)>();
        foreach (var recorded in events)
        {
            if (await ReadTrusted(recorded, cancellationToken).ConfigureAwait(false) is { } found)
                erased.Add((recorded.Stream, found));
            else
                Log.Ignored(logger, recorded.Position, recorded.Stream);
        }
        foreach (var (_, found) in erased)
            protection.Revealer.Erased.Add(found.KeyIds);
        var destroyed = await FindDestroyed(
            [.. erased.SelectMany(entry => entry.Keys.KeyIds).Distinct(StringComparer.Ordinal)], cancellationToken)
            .ConfigureAwait(false);
        foreach (var (stream, found) in erased)
        {
            if (!found.KeyIds.All(destroyed.Contains))
                await DestroyAgain(stream, found, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns the destroyed keys that an event names; null unless the event belongs to a started erasure of the same
    /// data and tenant.
    /// </summary>
    private async ValueTask<ErasedKeys?> ReadTrusted(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var (tenant, name) = protection.Scope.Split(recorded.Stream.Value);
        if (!name.StartsWith(ErasureEvents.StreamPrefix, StringComparison.Ordinal)
            || ErasedKeys.Read(recorded.Payload.Span) is not { } erased
            || erased.Tenant != tenant)
            return null;
        var query = new StreamPageQuery(recorded.Stream, 1, IsBackwards: false, PageEvents);
        var page = await store.Stored.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        var before = page.Events.Where(earlier => earlier.Version < recorded.Version).ToArray();
        return before.FirstOrDefault() is { Version: 1, Type: ErasureEvents.Requested } requested
            && IsRequestOf(requested.Payload, erased)
            && before.Any(earlier => earlier.Type == ErasureEvents.Approved)
            && before.Any(earlier => earlier.Type == ErasureEvents.Started)
            ? erased
            : null;
    }

    private static bool IsRequestOf(ReadOnlyMemory<byte> requested, ErasedKeys erased)
    {
        try
        {
            using var json = JsonDocument.Parse(requested);
            var kinds = json.RootElement.TryGetProperty("kinds", out var found)
                ? found.EnumerateArray().Select(kind => kind.GetString()).ToArray()
                : [];
            return json.RootElement.GetProperty("subject").GetString() == erased.Subject
                && kinds.SequenceEqual(erased.Kinds);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException
            or KeyNotFoundException)
        {
            return false;
        }
    }

    private async ValueTask<HashSet<string>> FindDestroyed(string[] ids, CancellationToken cancellationToken)
    {
        var destroyed = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var record in keys.FindRecords(ids, cancellationToken).ConfigureAwait(false))
        {
            if (record.State == KeyState.Destroyed)
                destroyed.Add(record.Id);
        }
        return destroyed;
    }

    private async ValueTask DestroyAgain(StreamId stream, ErasedKeys erased, CancellationToken cancellationToken)
    {
        var revived = new List<string>();
        foreach (var owner in erased.Owners())
            revived.AddRange(await keys.Destroy(owner, cancellationToken).ConfigureAwait(false));
        // Keys that the restored key store never had are missing, and stay missing. Only a change is recorded.
        var current = await RecordsOf(erased, cancellationToken).ConfigureAwait(false);
        foreach (var lost in erased.KeyIds.Where(id => !current.Contains(id)))
            keys.TreatAsDestroyed(lost);
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

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 1015,
            Level = LogLevel.Error,
            Message = "The event about destroyed keys at position {Position} in {Stream} is ignored, because it does "
                + "not belong to a started erasure of the same data.")]
        public static partial void Ignored(ILogger logger, long position, StreamId stream);
    }
}
