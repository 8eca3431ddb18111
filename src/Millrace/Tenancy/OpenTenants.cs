using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace.Tenancy;

/// <summary>
/// The tenants that this node has open. Opens a tenant when a caller first enters it, and closes unused tenants. The
/// number of open tenants is limited.
/// </summary>
internal sealed class OpenTenants(
    Func<TenantId, ITenantRuntime> createRuntime, TenantOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, OpenTenant> _tenants = [];
    private readonly HashSet<TenantId> _removed = [];
    private readonly QuietTenants _quiet = new();
    private readonly HeldTenants _held = new(time);
    private readonly List<OpenTenant> _leaving = []; // Held tenants that are not closed yet.
    // The callers that wait for a free slot, in the order of arrival.
    private readonly LinkedList<TenantId> _waiting = [];
    private readonly ChangeSignal _changed = new();
    private bool _isStopped;

    /// <summary>Gets what returns whether the storage of a tenant can be used at present.</summary>
    public Func<TenantId, bool> CanUse { get; init; } = static _ => true;

    /// <summary>The number of tenants that are open, opening or closing.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _tenants.Count;
        }
    }

    /// <summary>Returns true if a tenant is open or opening.</summary>
    public bool Has(TenantId tenant)
    {
        lock (_lock)
            return _tenants.TryGetValue(tenant, out var open) && !open.IsClosing;
    }

    /// <summary>
    /// Enters an existing tenant, and opens it if necessary. The caller must call <see cref="Leave"/>.
    /// </summary>
    /// <exception cref="TenantsBusyException">The maximum number of open tenants is in use.</exception>
    public async ValueTask<OpenTenant> Enter(TenantId tenant, CancellationToken cancellationToken, bool isVisit = false)
    {
        await _held.Wait(tenant, isVisit ? TimeSpan.Zero : options.EnterTimeout, cancellationToken)
            .ConfigureAwait(false);
        if (!TryEnter(tenant, waiting: null, isVisit, out var open))
            open = await EnterWhenFree(tenant, isVisit, cancellationToken).ConfigureAwait(false);
        await WaitUntilOpen(open, isVisit, cancellationToken).ConfigureAwait(false);
        return open;
    }

    public void Leave(OpenTenant open, bool isVisit = false)
    {
        lock (_lock)
        {
            open.Users--;
            if (isVisit)
                open.SweeperUsers--;
            open.LastLeftAt = time.GetTimestamp();
            _changed.Notify();
        }
    }

    /// <summary>Closes tenants that have been unused for a while and have no work.</summary>
    public async ValueTask CloseIdle(CancellationToken cancellationToken)
    {
        foreach (var open in FindIdle())
        {
            // The work of a tenant whose storage is not available is unknown, and must not delay the others.
            if (CanUse(open.Tenant)
                && await open.Runtime.IsSettled(isVisit: false, cancellationToken).ConfigureAwait(false))
                await TryClose(open, IsIdle).ConfigureAwait(false); // A caller may just have used it.
        }
    }

    /// <summary>
    /// Closes a tenant that the sweeper has left. Returns false if a caller has used it, because its last events may
    /// be newer than the end of the visit. It is then closed when it is idle.
    /// </summary>
    public ValueTask<bool> TryCloseVisited(OpenTenant open) => TryClose(open, static open => !open.HasBeenUsed);

    /// <summary>Closes a tenant. Returns false if the tenant is in use or does not fulfil the condition.</summary>
    private async ValueTask<bool> TryClose(OpenTenant open, Func<OpenTenant, bool>? condition = null)
    {
        lock (_lock)
        {
            if (open.Users > 0 || condition?.Invoke(open) == false)
                return false;
            if (!open.IsClosing)
                StartClosing(open);
        }
        await open.Closed.Task.ConfigureAwait(false);
        return true;
    }

    /// <summary>
    /// Closes a tenant before it is removed. No caller can enter the tenant until <see cref="Restore"/> is called.
    /// Returns false if the tenant is in use or is already being removed, or if the application is stopping.
    /// </summary>
    public async ValueTask<bool> TryRemove(TenantId tenant, CancellationToken cancellationToken)
    {
        OpenTenant? open;
        lock (_lock)
        {
            open = _tenants.GetValueOrDefault(tenant);
            if (open?.Users > open?.SweeperUsers || _isStopped || !_removed.Add(tenant))
                return false;
            _quiet.Set(tenant, null);
        }
        var isClosed = false;
        try
        {
            isClosed =
                open is null
                || (
                    await WaitUntilLeft(open, cancellationToken).ConfigureAwait(false)
                    && await TryClose(open).ConfigureAwait(false));
        }
        finally
        {
            if (!isClosed)
                Restore(tenant);
        }
        return isClosed;
    }

    /// <summary>
    /// Holds a tenant that is being moved: no caller can enter it until <see cref="EndHold"/>, and its consumers stop.
    /// Callers that are inside keep its store open until they leave, for a limited time. Returns false if it is already
    /// held.
    /// </summary>
    /// <param name="tenant">The tenant.</param>
    /// <param name="wasOpen">True if this node had the tenant open.</param>
    public bool TryHold(TenantId tenant, out bool wasOpen)
    {
        lock (_lock)
        {
            wasOpen = false;
            if (!_held.TryAdd(tenant))
                return false;
            _quiet.Set(tenant, null);
            if (_tenants.GetValueOrDefault(tenant) is { IsClosing: false } open)
            {
                wasOpen = true;
                open.IsLeaving = true;
                _tenants.Remove(tenant);
                _leaving.Add(open);
                StartClosing(open);
            }
            _changed.Notify();
            return true;
        }
    }

    /// <summary>Allows callers to enter a held tenant again.</summary>
    public void EndHold(TenantId tenant) => _held.Release(tenant);

    /// <summary>
    /// Returns true if a tenant is about to be removed. The sweeper then stops its work in the tenant.
    /// </summary>
    public bool IsBeingRemoved(TenantId tenant)
    {
        lock (_lock)
            return _removed.Contains(tenant);
    }

    /// <summary>Forgets what is known of closed tenants that do not exist any more.</summary>
    public void ForgetOthers(IEnumerable<TenantId> existing)
    {
        var tenants = existing.ToHashSet();
        lock (_lock)
            _quiet.ForgetOthers(tenants);
    }

    /// <summary>Allows callers to enter a tenant again after it was created again or could not be removed.</summary>
    public void Restore(TenantId tenant)
    {
        lock (_lock)
            _removed.Remove(tenant);
    }

    /// <summary>Refuses new callers and closes all tenants, even those in use.</summary>
    public async Task Stop()
    {
        OpenTenant[] all;
        lock (_lock)
        {
            _isStopped = true;
            all = [.. _tenants.Values, .. _leaving];
            foreach (var open in all)
            {
                if (!open.IsClosing)
                    StartClosing(open);
            }
            _changed.Notify();
        }
        await Task.WhenAll(all.Select(open => open.Closed.Task)).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits for a free slot, until a time-out, and enters the tenant. Callers get slots in the order of arrival.
    /// </summary>
    private async ValueTask<OpenTenant> EnterWhenFree(
        TenantId tenant, bool isVisit, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var waiting = new LinkedListNode<TenantId>(tenant);
        lock (_lock)
            _waiting.AddLast(waiting);
        try
        {
            while (true)
            {
                var changed = _changed.Next;
                if (TryEnter(tenant, waiting, isVisit, out var open))
                    return open;
                var remaining = options.EnterTimeout - time.GetElapsedTime(started);
                await changed
                    .WaitAsync(remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero, time, cancellationToken)
                    .ConfigureAwait(false);
            }
        }
        catch (TimeoutException)
        {
            throw new TenantsBusyException(Count, options.EnterTimeout);
        }
        finally
        {
            lock (_lock)
            {
                _waiting.Remove(waiting);
                _changed.Notify();
            }
        }
    }

    /// <summary>
    /// Waits until the sweeper has left a tenant that no caller can enter. Returns false after a time-out.
    /// </summary>
    private async ValueTask<bool> WaitUntilLeft(OpenTenant open, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var changed = _changed.Next;
            lock (_lock)
            {
                if (open.Users == 0 || (_isStopped && open.IsLeaving))
                    return true;
            }
            var remaining = StopTimeout - time.GetElapsedTime(started);
            if (remaining <= TimeSpan.Zero)
                return false;
            await changed.WaitAsync(remaining, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Enters an open tenant. Otherwise opens it if a slot is free and no other caller has waited longer.
    /// </summary>
    private bool TryEnter(
        TenantId tenant, LinkedListNode<TenantId>? waiting, bool isVisit, [NotNullWhen(true)] out OpenTenant? open)
    {
        lock (_lock)
        {
            if (_isStopped)
                throw new StorageException(
                    "The application is stopping: no tenant can be entered anymore.", StorageProblem.Closed);
            if (_removed.Contains(tenant))
                throw new TenantNotFoundException(tenant);
            _held.ThrowIfHeld(tenant);
            if (!_tenants.TryGetValue(tenant, out open)
                && _tenants.Count < options.MaxOpen
                && _waiting.First == waiting)
                open = Open(tenant);
            if (open is { IsClosing: false })
            {
                open.Users++;
                if (isVisit)
                    open.SweeperUsers++;
                else
                    open.HasBeenUsed = true;
                return true;
            }
            if (open is null && waiting is not null && _tenants.Count >= options.MaxOpen)
                CloseLeastRecentlyUsed();
            return false;
        }
    }

    /// <summary>
    /// Closes the tenant that has been unused for the longest time, unless a tenant is already closing for each waiting
    /// caller. Prefers tenants that build no index: the application builds one at a time.
    /// </summary>
    private void CloseLeastRecentlyUsed()
    {
        if (_tenants.Values.Count(static open => open.IsClosing) >= _waiting.Count)
            return;
        var longestUnused = _tenants.Values
            .Where(static open => open is { Users: 0, IsClosing: false })
            .MinBy(static open => (open.Runtime.IsBuilding, open.LastLeftAt));
        if (longestUnused is not null)
            StartClosing(longestUnused);
    }

    /// <summary>
    /// Starts to open a tenant for all callers that enter it. A canceled caller does not affect the others.
    /// </summary>
    private OpenTenant Open(TenantId tenant)
    {
        if (ExecutionContext.IsFlowSuppressed())
            return Start(tenant);
        // The loops of the tenant do not belong to the caller, so that they must not find the caller's HTTP request.
        using (ExecutionContext.SuppressFlow())
            return Start(tenant);
    }

    private OpenTenant Start(TenantId tenant)
    {
        var open = new OpenTenant(tenant, createRuntime(tenant));
        open.Runtime.Quiet = _quiet.Find(tenant);
        _tenants.Add(tenant, open);
        open.Opening = Task.Run(() => open.Runtime.Start(open, CancellationToken.None));
        return open;
    }

    private async ValueTask WaitUntilOpen(OpenTenant open, bool isVisit, CancellationToken cancellationToken)
    {
        try
        {
            await open.Opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            Leave(open, isVisit);
            lock (_lock)
            {
                if (open.Opening.IsFaulted && !open.IsClosing)
                    StartClosing(open); // The next caller tries again.
            }
            throw;
        }
    }

    private OpenTenant[] FindIdle()
    {
        lock (_lock)
            return [.. _tenants.Values.Where(open => open is { Users: 0, IsClosing: false } && IsIdle(open))];
    }

    private bool IsIdle(OpenTenant open) => time.GetElapsedTime(open.LastLeftAt) >= options.IdleAfter;

    /// <summary>The caller must hold the lock.</summary>
    private void StartClosing(OpenTenant open)
    {
        open.IsClosing = true;
        _ = Task.Run(() => Close(open)); // Close completes open.Closed at its end.
    }

    private async Task Close(OpenTenant open)
    {
        try
        {
            using var timeout = new CancellationTokenSource(StopTimeout, time);
            await open.Opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await using var _ = open.Runtime.ConfigureAwait(false);
            await open.Runtime.Stop(timeout.Token).ConfigureAwait(false);
            if (open.IsLeaving)
                await WaitUntilLeft(open, CancellationToken.None).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // After any exception the tenant is closed and its slot is free.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            OpenTenantsLog.CannotClose(logger, open.Tenant.Value, exception);
        }
        lock (_lock)
        {
            if (!_leaving.Remove(open))
            {
                _tenants.Remove(open.Tenant);
                _quiet.Set(open.Tenant, _removed.Contains(open.Tenant) ? null : open.Runtime.Quiet);
            }
            _changed.Notify();
        }
        open.Closed.TrySetResult();
    }
}
