using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Millrace.Storage;

namespace Millrace;

/// <summary>The tenants that this node has open: opened when first entered, closed when nobody uses them, never too
/// many.</summary>
internal sealed partial class OpenTenants(
    Func<TenantId, ITenantRuntime> create, TenantOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<TenantId, OpenTenant> _tenants = [];
    private readonly HashSet<TenantId> _removed = [];
    // Of those who wait for a place, in the order in which they came.
    private readonly LinkedList<TenantId> _waiting = [];
    private TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopped;

    /// <summary>How many are open, or about to be opened or closed.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _tenants.Count;
        }
    }

    /// <summary>Whether one is open, or about to be.</summary>
    public bool Has(TenantId tenant)
    {
        lock (_lock)
            return _tenants.TryGetValue(tenant, out var open) && !open.IsClosing;
    }

    /// <summary>Enters a tenant, which is there, and opens it where it is not open. Whoever has entered it leaves
    /// it.</summary>
    /// <exception cref="TenantsBusyException">As many as may be open are in use.</exception>
    public async ValueTask<OpenTenant> Enter(TenantId tenant, CancellationToken cancellationToken, bool isVisit = false)
    {
        if (!TryEnter(tenant, waiting: null, isVisit, out var open))
            open = await EnterWhenFree(tenant, isVisit, cancellationToken).ConfigureAwait(false);
        await Opened(open, isVisit, cancellationToken).ConfigureAwait(false);
        return open;
    }

    public void Leave(OpenTenant open, bool isVisit = false)
    {
        lock (_lock)
        {
            open.Users--;
            if (isVisit)
                open.SweeperUsers--;
            open.LeftAt = time.GetTimestamp();
            Signal();
        }
    }

    /// <summary>Closes those that nobody has used for a while and that have nothing to do.</summary>
    public async ValueTask CloseIdle(CancellationToken cancellationToken)
    {
        foreach (var open in Idle())
        {
            if (await open.Runtime.IsSettled(cancellationToken).ConfigureAwait(false))
                await TryClose(open).ConfigureAwait(false);
        }
    }

    /// <summary>Closes one that nobody is in. False when somebody is.</summary>
    public async ValueTask<bool> TryClose(OpenTenant open)
    {
        lock (_lock)
        {
            if (open.Users > 0)
                return false;
            if (!open.IsClosing)
                StartClosing(open);
        }
        await open.Closed.Task.ConfigureAwait(false);
        return true;
    }

    /// <summary>Closes one for good, so that nobody enters it any more. False when somebody is in it.</summary>
    public async ValueTask<bool> TryRemove(TenantId tenant, CancellationToken cancellationToken)
    {
        OpenTenant? open;
        lock (_lock)
        {
            open = _tenants.GetValueOrDefault(tenant);
            if (open?.Users > open?.SweeperUsers || _isStopped || !_removed.Add(tenant))
                return false;
        }
        var isClosed = false;
        try
        {
            isClosed =
                open is null
                || (
                    await IsLeft(open, cancellationToken).ConfigureAwait(false)
                    && await TryClose(open).ConfigureAwait(false));
        }
        finally
        {
            if (!isClosed)
                Restore(tenant);
        }
        return isClosed;
    }

    /// <summary>Whether one is about to be removed: who only looks into it gives way.</summary>
    public bool IsRemoved(TenantId tenant)
    {
        lock (_lock)
            return _removed.Contains(tenant);
    }

    /// <summary>Lets one be entered again that was made anew, or could not be removed.</summary>
    public void Restore(TenantId tenant)
    {
        lock (_lock)
            _removed.Remove(tenant);
    }

    /// <summary>Lets nobody in any more and closes all, whoever is still in them.</summary>
    public async Task Stop()
    {
        OpenTenant[] all;
        lock (_lock)
        {
            _isStopped = true;
            all = [.. _tenants.Values];
            foreach (var open in all)
            {
                if (!open.IsClosing)
                    StartClosing(open);
            }
            Signal();
        }
        await Task.WhenAll(all.Select(open => open.Closed.Task)).ConfigureAwait(false);
    }

    /// <summary>Waits for a place: whoever came first gets the first one, so that nobody is overtaken until the time is
    /// out.</summary>
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
                var changed = Changed();
                if (TryEnter(tenant, waiting, isVisit, out var open))
                    return open;
                var left = options.EnterTimeout - time.GetElapsedTime(started);
                await changed
                    .WaitAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, time, cancellationToken)
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
                Signal();
            }
        }
    }

    /// <summary>Waits until the node no longer looks into one that nobody enters any more; false when that takes too
    /// long.</summary>
    private async ValueTask<bool> IsLeft(OpenTenant open, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var changed = Changed();
            lock (_lock)
            {
                if (open.Users == 0)
                    return true;
            }
            var left = StopTimeout - time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
                return false;
            await changed.WaitAsync(left, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private Task Changed()
    {
        lock (_lock)
            return _left.Task;
    }

    /// <summary>Enters one that is open, or opens it where there is a place and nobody has waited for it
    /// longer.</summary>
    private bool TryEnter(
        TenantId tenant, LinkedListNode<TenantId>? waiting, bool isVisit, [NotNullWhen(true)] out OpenTenant? open)
    {
        lock (_lock)
        {
            if (_isStopped)
                throw new StorageException(
                    "The application is stopping: no tenant can be entered any more.", StorageProblem.Closed);
            if (_removed.Contains(tenant))
                throw new TenantNotFoundException(tenant);
            if (!_tenants.TryGetValue(tenant, out open)
                && _tenants.Count < options.MaxOpen
                && _waiting.First == waiting)
                open = Open(tenant);
            if (open is { IsClosing: false })
            {
                open.Users++;
                if (isVisit)
                    open.SweeperUsers++;
                return true;
            }
            if (open is null && waiting is not null && _tenants.Count >= options.MaxOpen)
                CloseOneForRoom();
            return false;
        }
    }

    /// <summary>Closes the one that was left longest ago, unless as many are being closed already as there are
    /// waiting.</summary>
    private void CloseOneForRoom()
    {
        OpenTenant? other = null;
        var closing = 0;
        foreach (var open in _tenants.Values)
        {
            if (open.IsClosing)
                closing++;
            else if (open.Users == 0 && (other is null || open.LeftAt < other.LeftAt))
                other = open;
        }
        if (other is not null && closing < _waiting.Count)
            StartClosing(other);
    }

    /// <summary>Begins to open one, for all who enter it: the first one who gives up does not keep the others from
    /// it.</summary>
    private OpenTenant Open(TenantId tenant)
    {
        var open = new OpenTenant(tenant, create(tenant));
        _tenants.Add(tenant, open);
        open.Opening = Task.Run(() => open.Runtime.Start(open, CancellationToken.None));
        return open;
    }

    private async ValueTask Opened(OpenTenant open, bool isVisit, CancellationToken cancellationToken)
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
                    StartClosing(open); // Whoever comes next tries anew.
            }
            throw;
        }
    }

    private OpenTenant[] Idle()
    {
        lock (_lock)
        {
            return [.. _tenants.Values.Where(open => open is { Users: 0, IsClosing: false }
                && time.GetElapsedTime(open.LeftAt) >= options.IdleAfter)];
        }
    }

    /// <summary>Called under the lock.</summary>
    private void StartClosing(OpenTenant open)
    {
        open.IsClosing = true;
        _ = Task.Run(() => Close(open)); // Awaited by Closed.
    }

    private async Task Close(OpenTenant open)
    {
        try
        {
            using var patience = new CancellationTokenSource(StopTimeout, time);
            await open.Opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await using var _ = open.Runtime.ConfigureAwait(false);
            await open.Runtime.Stop(patience.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The end of a tenant: whatever it throws, it is closed, and another may take its place.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.CannotClose(logger, open.Tenant.Value, exception);
        }
        lock (_lock)
        {
            _tenants.Remove(open.Tenant);
            Signal();
        }
        open.Closed.TrySetResult();
    }

    /// <summary>Has those look again who wait for a place. Called under the lock.</summary>
    private void Signal()
    {
        var left = _left;
        _left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        left.TrySetResult();
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 7001, Level = LogLevel.Error, Message = "The tenant {Tenant} could not be closed in order.")]
        public static partial void CannotClose(ILogger logger, string tenant, Exception exception);
    }
}
