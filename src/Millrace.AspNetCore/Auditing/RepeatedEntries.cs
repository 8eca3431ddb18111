using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Millrace.AspNetCore.Auditing;

/// <summary>
/// Records one audit entry for equal requests in an interval. The next entry contains the number of repetitions. A
/// request is answered only after the entry that it shares is durable. Thread-safe.
/// </summary>
internal sealed class RepeatedEntries(TimeProvider time)
{
    /// <summary>The maximum number of different requests, without the shared keys.</summary>
    private const int MaxKeys = 1_000;

    /// <summary>The maximum number of keys with shared keys. After that, all requests of a tenant share one
    /// entry.</summary>
    private const int MaxAllKeys = 2_000;

    /// <summary>The maximum number of entries that a request records to make room for itself.</summary>
    private const int MaxClosed = 16;

    private readonly Lock _lock = new();
    private readonly LastEntries _entries = new();

    /// <summary>Returns the key of equal requests of a tenant.</summary>
    public static RequestKey KeyOf(HttpContext http, params ReadOnlySpan<string?> parts)
    {
        var tenant = http.RequestServices.GetService<CurrentTenant>() is { IsKnown: true } current
            ? current.Id.ToString()
            : "";
        var text = string.Join('\n', parts);
        return new RequestKey(tenant, new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16)));
    }

    /// <summary>Records an entry, unless an equal request has an entry in the interval before.</summary>
    /// <param name="key">The key of equal requests.</param>
    /// <param name="shared">The key of all requests that share an entry if there are too many keys; null if they do
    /// not.</param>
    /// <param name="interval">The interval.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="record">Records an entry of the tenant.</param>
    public async ValueTask Record(
        RequestKey key,
        RequestKey? shared,
        TimeSpan interval,
        AuditEntry entry,
        Func<AuditEntry, ValueTask> record)
    {
        LastEntry? own;
        LastEntry? before = null;
        Task? repeated = null;
        List<LastEntry> closed;
        lock (_lock)
        {
            var now = time.GetTimestamp();
            closed = MakeRoom(key, now, interval);
            own = KeyIn(key, shared) is { } used ? new LastEntry(used, entry, time.GetUtcNow(), now) : null;
            if (own is not null)
            {
                before = _entries.Find(own.Key);
                if (before is not null && IsWithin(interval, before, now))
                {
                    before.Repetitions++;
                    repeated = before.Recorded.Task;
                }
                else
                {
                    _entries.Add(own);
                }
            }
        }
        if (repeated is null)
        {
            await Record(own, before, entry, closed, record).ConfigureAwait(false);
            return;
        }
        await Close(closed, record).ConfigureAwait(false);
        await repeated.ConfigureAwait(false);
    }

    private async Task Record(
        LastEntry? own,
        LastEntry? before,
        AuditEntry entry,
        List<LastEntry> closed,
        Func<AuditEntry, ValueTask> record)
    {
        try
        {
            await Close(closed, record).ConfigureAwait(false);
            await record(before?.CountIn(entry) ?? entry).ConfigureAwait(false);
            own?.Recorded.SetResult();
        }
        catch (Exception exception)
        {
            if (own is null)
                throw;
            lock (_lock) // The next request is recorded.
            {
                if (_entries.Find(own.Key) == own)
                {
                    _entries.Remove(own.Key);
                    if (before is { Repetitions: > 0 })
                        _entries.Restore(before); // The next entry contains its count.
                }
            }
            own.Recorded.SetException(exception);
            _ = own.Recorded.Task.Exception; // Observed, if no other request waits for it.
            throw;
        }
    }

    /// <summary>Records the numbers of repetitions of entries that were removed.</summary>
    private async ValueTask Close(List<LastEntry> closed, Func<AuditEntry, ValueTask> record)
    {
        var count = 0;
        try
        {
            for (; count < closed.Count; count++)
                await record(closed[count].Close()).ConfigureAwait(false);
        }
        finally
        {
            lock (_lock)
            {
                for (; count < closed.Count; count++)
                    _entries.Restore(closed[count]);
            }
        }
    }

    /// <summary>
    /// Removes entries before the interval if there is no room for a new key. Returns those whose number of repetitions
    /// the tenant must record. Those of other tenants, whose audit trails are not open here, are not counted.
    /// </summary>
    private List<LastEntry> MakeRoom(RequestKey key, long now, TimeSpan interval)
    {
        if (_entries.Count < MaxKeys || _entries.Find(key) is not null)
            return [];
        var closed = _entries.RemoveOldest(
            entry => entry.Recorded.Task.IsCompleted && !IsWithin(interval, entry, now), MaxClosed);
        closed.RemoveAll(entry => entry.Key.Tenant != key.Tenant);
        return closed;
    }

    /// <summary>Returns the key under which a request is merged; null if it is not merged.</summary>
    private RequestKey? KeyIn(RequestKey key, RequestKey? shared) =>
        _entries.Count < MaxKeys || _entries.Find(key) is not null ? key
        : shared is not { } other ? null
        : _entries.Count < MaxAllKeys || _entries.Find(other) is not null ? other
        : new RequestKey(key.Tenant, Guid.Empty);

    private bool IsWithin(TimeSpan interval, LastEntry last, long now) =>
        time.GetElapsedTime(last.Timestamp, now) < interval;
}
