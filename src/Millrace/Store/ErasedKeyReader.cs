using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Reads the events about destroyed keys, and makes the data of their owners erased in this process. The start, a
/// running node and the check of keys use it, so that all trust the same events.
/// </summary>
/// <param name="log">The log without decryption.</param>
/// <param name="keys">The keys.</param>
/// <param name="scope">The tenant of the store.</param>
/// <param name="logger">Receives the events that are ignored.</param>
internal sealed partial class ErasedKeyReader(ILogStorage log, KeyRing keys, ProtectionScope scope, ILogger logger)
{
    private const int PageEvents = 200;
    private const int MaxKeysPerErasure = 1_000; // More keys of an owner are read as missing, and never as erased.

    /// <summary>Gets the events about destroyed keys.</summary>
    public static EventFilter Filter { get; } =
        EventFilter.OfTypes(ErasureEvents.KeysDestroyed, ErasureEvents.KeysDestroyedAgain);

    /// <summary>
    /// Makes the data of the owners erased that the events name. An event is ignored unless it belongs to a started
    /// erasure of the same data and tenant.
    /// </summary>
    public async ValueTask<IReadOnlyList<TrustedErasure>> AddOwners(
        IReadOnlyList<RecordedEvent> events, CancellationToken cancellationToken)
    {
        var trusted = new List<TrustedErasure>();
        await foreach (var erasure in ReadTrusted(events, cancellationToken).ConfigureAwait(false))
        {
            foreach (var owner in erasure.Keys.Owners())
                keys.Erased.Add(owner);
            trusted.Add(erasure);
        }
        return trusted;
    }

    /// <summary>
    /// Reads the values of the named keys as erased also if the key store does not contain them. Keys of other owners
    /// do not count.
    /// </summary>
    /// <returns>The erasures with the keys that count, and the ids of the keys that are destroyed.</returns>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async ValueTask<(IReadOnlyList<TrustedErasure> Erasures, IReadOnlySet<string> Destroyed)> AddKeys(
        IReadOnlyList<TrustedErasure> trusted, CancellationToken cancellationToken)
    {
        var found = await FindKeys(trusted, cancellationToken).ConfigureAwait(false);
        foreach (var (_, erased) in found.Erasures)
        {
            foreach (var id in erased.KeyIds)
                keys.Erased.AddKey(erased.Tenant, id);
        }
        return found;
    }

    /// <summary>
    /// Returns the erasures in the whole log with the keys that count, as <see cref="AddOwners"/> and
    /// <see cref="AddKeys"/> trust them, and changes nothing.
    /// </summary>
    /// <exception cref="KeyStoreException">The key store cannot be used.</exception>
    public async IAsyncEnumerable<ErasedKeys> ReadAll([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new LogPageQuery(Filter, 1, IsBackwards: false, PageEvents);
        while (true)
        {
            var page = await log.ReadLog(query, cancellationToken).ConfigureAwait(false);
            var trusted = await ReadTrusted(page.Events, cancellationToken)
                .ToListAsync(cancellationToken).ConfigureAwait(false);
            var (erasures, _) = await FindKeys(trusted, cancellationToken).ConfigureAwait(false);
            foreach (var (_, erased) in erasures)
                yield return erased;
            if (page.IsEnd)
                yield break;
            query = query with { From = page.Next };
        }
    }

    private async IAsyncEnumerable<TrustedErasure> ReadTrusted(
        IReadOnlyList<RecordedEvent> events, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var recorded in events)
        {
            if (await ReadTrusted(recorded, cancellationToken).ConfigureAwait(false) is { } erased)
                yield return new TrustedErasure(recorded.Stream, erased);
            else
                Log.Ignored(logger, recorded.Position, recorded.Stream);
        }
    }

    private async ValueTask<(IReadOnlyList<TrustedErasure> Erasures, IReadOnlySet<string> Destroyed)> FindKeys(
        IReadOnlyList<TrustedErasure> trusted, CancellationToken cancellationToken)
    {
        var records = new Dictionary<string, KeyRecord>(StringComparer.Ordinal);
        var ids = trusted.SelectMany(static entry => entry.Keys.KeyIds).Distinct(StringComparer.Ordinal);
        await foreach (var record in keys.FindRecords(ids, cancellationToken).ConfigureAwait(false))
            records[record.Id] = record;
        var own = new List<TrustedErasure>(trusted.Count);
        foreach (var (stream, erased) in trusted)
        {
            string[] counted =
            [
                .. erased.KeyIds
                    .Where(id => !records.TryGetValue(id, out var record) || erased.Covers(record.Owner))
                    .Take(MaxKeysPerErasure),
            ];
            own.Add(new TrustedErasure(stream, erased with { KeyIds = counted }));
        }
        var destroyed = records.Values.Where(static record => record.State == KeyState.Destroyed);
        return (own, destroyed.Select(static record => record.Id).ToHashSet(StringComparer.Ordinal));
    }

    private async ValueTask<ErasedKeys?> ReadTrusted(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        var (tenant, name) = scope.Split(recorded.Stream.Value);
        if (!name.StartsWith(ErasureEvents.StreamPrefix, StringComparison.Ordinal)
            || ErasedKeys.Read(recorded.Payload.Span) is not { Subject.Length: > 0 } erased
            || erased.Tenant != tenant)
            return null;
        var query = new StreamPageQuery(recorded.Stream, 1, IsBackwards: false, PageEvents);
        var page = await log.ReadStream(query, cancellationToken).ConfigureAwait(false);
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
