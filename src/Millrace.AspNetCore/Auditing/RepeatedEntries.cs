using System.Globalization;
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

    /// <summary>The maximum number of keys with shared keys. After that, all requests share one entry.</summary>
    private const int MaxAllKeys = 2_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, LastEntry> _entries = [];

    /// <summary>Returns the key of equal requests of a tenant.</summary>
    public static Guid KeyOf(HttpContext http, params ReadOnlySpan<string?> parts)
    {
        var tenant = http.RequestServices.GetService<CurrentTenant>() is { IsKnown: true } current
            ? current.Id.ToString()
            : "";
        var text = $"{tenant}\n{string.Join('\n', parts)}";
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    /// <summary>Records an entry, unless an equal request has an entry in the interval before.</summary>
    /// <param name="key">The key of equal requests.</param>
    /// <param name="shared">The key of all requests that share an entry if there are too many keys; null if they do
    /// not.</param>
    /// <param name="interval">The interval.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="record">Records an entry.</param>
    public async ValueTask Record(
        Guid key, Guid? shared, TimeSpan interval, AuditEntry entry, Func<AuditEntry, ValueTask> record)
    {
        var own = new LastEntry(time.GetUtcNow(), time.GetTimestamp());
        LastEntry? before = null;
        Task? repeated = null;
        lock (_lock)
        {
            if (KeyIn(key, shared, own, interval) is { } used)
            {
                key = used;
                if (_entries.TryGetValue(key, out before) && IsWithin(interval, before, own))
                {
                    before.Repetitions++;
                    repeated = before.Recorded.Task;
                }
                else
                {
                    _entries[key] = own;
                }
            }
        }
        await (repeated ?? Record(key, own, before, entry, record)).ConfigureAwait(false);
    }

    private async Task Record(
        Guid key, LastEntry own, LastEntry? before, AuditEntry entry, Func<AuditEntry, ValueTask> record)
    {
        try
        {
            await record(before is { Repetitions: > 0 } ? entry with { Reason = ReasonOf(entry, before) } : entry)
                .ConfigureAwait(false);
            own.Recorded.SetResult();
        }
        catch (Exception exception)
        {
            lock (_lock) // The next request is recorded.
            {
                if (_entries.GetValueOrDefault(key) == own)
                {
                    if (before is { Repetitions: > 0 })
                        _entries[key] = before; // The next entry contains its count.
                    else
                        _entries.Remove(key);
                }
            }
            own.Recorded.SetException(exception);
            _ = own.Recorded.Task.Exception; // Observed, if no other request waits for it.
            throw;
        }
    }

    private static string ReasonOf(AuditEntry entry, LastEntry before)
    {
        var count = string.Create(
            CultureInfo.InvariantCulture,
            $"repeated {before.Repetitions} times since the entry at {before.Time.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}");
        return entry.Reason is { } reason ? $"{reason} ({count})" : count;
    }

    /// <summary>Returns the key under which a request is merged; null if it is not merged.</summary>
    private Guid? KeyIn(Guid key, Guid? shared, LastEntry now, TimeSpan interval) =>
        HasRoom(key, now, interval) ? key
        : shared is not { } other ? null
        : _entries.Count < MaxAllKeys || _entries.ContainsKey(other) ? other
        : Guid.Empty;

    /// <summary>
    /// Returns whether a key is known or can be added. May remove entries before the interval, but none with
    /// repetitions, which its next entry contains.
    /// </summary>
    private bool HasRoom(Guid key, LastEntry now, TimeSpan interval)
    {
        if (_entries.Count < MaxKeys || _entries.ContainsKey(key))
            return true;
        foreach (var (old, entry) in _entries)
        {
            if (entry.Repetitions == 0 && !IsWithin(interval, entry, now))
                _entries.Remove(old);
        }
        return _entries.Count < MaxKeys;
    }

    private bool IsWithin(TimeSpan interval, LastEntry last, LastEntry now) =>
        time.GetElapsedTime(last.Timestamp, now.Timestamp) < interval;

    private sealed class LastEntry(DateTimeOffset time, long timestamp)
    {
        public DateTimeOffset Time => time;

        public long Timestamp => timestamp;

        public TaskCompletionSource Recorded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public long Repetitions { get; set; }
    }
}
