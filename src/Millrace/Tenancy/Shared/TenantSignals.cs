using System.Collections.Concurrent;
using Millrace.Storage;

namespace Millrace.Tenancy.Shared;

/// <summary>
/// Reads new events of the shared log once for all tenants, and wakes the open tenants to which they belong. A tenant
/// therefore does not read the events of other tenants. Each node runs one loop.
/// </summary>
/// <param name="shared">The store that tenants share.</param>
/// <param name="fenceChanged">Called when the fence of a tenant may have changed; null for no fences.</param>
internal sealed class TenantSignals(EventStore shared, Action<TenantId>? fenceChanged = null) : IAsyncDisposable
{
    private const int PageEvents = 1_000;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<TenantSignal, TenantId> _signals = new();
    private readonly ConcurrentDictionary<TenantId, TenantSignal[]> _byTenant = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<RecordedEvent> _buffered = [];
    private Task _running = Task.CompletedTask;

    public void Start()
    {
        shared.Tail.AddReader();
        var head = shared.Tail.Head;
        _running = Task.Run(() => Run(head, _stopping.Token));
    }

    /// <summary>Returns the signal of a tenant that is being opened. The tenant disposes it.</summary>
    public TenantSignal Of(TenantId tenant)
    {
        var signal = new TenantSignal(Forget);
        _signals[signal] = tenant;
        _byTenant.AddOrUpdate(tenant, [signal], (_, others) => [.. others, signal]);
        return signal;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private void Forget(TenantSignal signal)
    {
        if (_signals.TryRemove(signal, out var tenant))
            _byTenant.AddOrUpdate(tenant, [], (_, all) => [.. all.Where(other => other != signal)]);
    }

    private async Task Run(LogHead seen, CancellationToken cancellationToken)
    {
        using var tailReader = shared.Tail.StartAfter(seen.Position);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await shared.Tail.WaitBeyond(seen.Position, cancellationToken).ConfigureAwait(false);
                var head = shared.Tail.Head;
                if (head.Epoch != seen.Epoch)
                    seen = WakeAll(head);
                else
                    seen = seen with
                    {
                        Position = await ReadAndWake(seen, head.Position, cancellationToken).ConfigureAwait(false),
                    };
                tailReader.ReleasedPosition = seen.Position;
            }
            catch (StorageException)
            {
                // The shared store logs that it cannot be read. The missed events are read later.
                await Task.Delay(Pause, shared.Time, cancellationToken)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Reads events, wakes the tenants to which they belong, and returns the last position read.</summary>
    private async ValueTask<long> ReadAndWake(LogHead seen, long end, CancellationToken cancellationToken)
    {
        _buffered.Clear();
        if (shared.Tail.TryRead(seen.Position + 1, PageEvents, _buffered) && _buffered.Count > 0)
        {
            Wake(seen.Epoch, _buffered);
            return _buffered[^1].Position;
        }
        var query = new LogPageQuery(EventFilter.All, seen.Position + 1, IsBackwards: false, PageEvents)
        {
            IsBrief = true,
        };
        var page = await shared.Storage.Log.ReadLog(query, cancellationToken).ConfigureAwait(false);
        Wake(seen.Epoch, page.Events);
        return page.IsEnd ? Math.Max(page.Next - 1, end) : page.Next - 1;
    }

    private void Wake(long epoch, IReadOnlyList<RecordedEvent> events)
    {
        for (var i = 0; i < events.Count; i++)
        {
            if (fenceChanged is not null && TenantFences.TenantOf(events[i].Stream) is { } fenced)
                fenceChanged(fenced);
            if (TenantNames.TenantOf(events[i].Stream) is not { } tenant
                || !_byTenant.TryGetValue(tenant, out var signals))
                continue;
            foreach (var signal in signals)
                signal.Notify(new LogHead(epoch, events[i].Position));
        }
    }

    private LogHead WakeAll(LogHead head)
    {
        foreach (var signal in _signals.Keys)
            signal.Notify(head);
        foreach (var tenant in _byTenant.Keys)
            fenceChanged?.Invoke(tenant); // The events of fences before the new epoch are not read.
        return head;
    }
}
