using Microsoft.Extensions.Logging;

namespace Millrace.Hosting.Nodes;

/// <summary>Checks in the background whether the store answers. Each node has one such loop.</summary>
/// <remarks>
/// One check counts at a time. A check that hangs is cancelled and no longer counts, so that it does not delay the next
/// one.
/// </remarks>
internal sealed partial class StoreMonitor : IDisposable
{
    /// <summary>The time between the starts of two checks.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>The time after which a check has failed. With the interval, a lost store is noticed within 1.5 s.
    /// </summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);

    /// <summary>The maximum number of cancelled checks that still hang. At this number, no check starts.</summary>
    public const int MaxHangingChecks = 10;

    private readonly Func<NodeStore> _getStore;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _lock = new();
    private readonly List<Task> _hanging = []; // Only the loop uses the list.
    private Task _loop = Task.CompletedTask;
    private volatile NodeStore? _store;
    private volatile bool _isReachable;
    private bool _hasVerdict; // Guarded by the lock, like the next field.
    private long _losses;

    public StoreMonitor(Func<NodeStore> getStore, TimeProvider time, ILogger logger) =>
        (_getStore, _time, _logger) = (getStore, time, logger);

    public bool IsReachable => _isReachable;

    /// <summary>Gets whether the writer of the store ended with an error.</summary>
    public bool HasFailed => _store?.Queue is { HasFailed: true };

    public void Start()
    {
        _store = _getStore();
        if (_store.Queue is { } queue)
            queue.Availability.Lost = ReportLoss;
        _loop = Task.Run(() => Run(_store, _ending.Token), CancellationToken.None);
    }

    public async Task Stop()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    public void Dispose() => _ending.Dispose();

    private async Task Run(NodeStore store, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            do
            {
                var losses = Interlocked.Read(ref _losses);
                var failure = await Check(store, cancellationToken).ConfigureAwait(false);
                Record(failure, losses);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    /// <summary>Returns why the store did not answer; null if it did.</summary>
    private async Task<Exception?> Check(NodeStore store, CancellationToken cancellationToken)
    {
        _hanging.RemoveAll(static check => check.IsCompleted);
        if (_hanging.Count >= MaxHangingChecks)
            return new TimeoutException($"The last {MaxHangingChecks} checks still hang.");
        var started = _time.GetTimestamp();
        var limit = new CancellationTokenSource(); // Has no timer, so that it needs no disposal.
        // A storage may block its caller.
        var check = Task.Run(() => store.Ping(limit.Token), CancellationToken.None);
        try
        {
            await check.WaitAsync(Timeout, _time, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (TimeoutException timeout) when (!check.IsCompleted)
        {
            Abandon(check, limit);
            // A busy storage commits, although it answers checks late.
            return store.Queue?.Availability.LastCommitAt >= started ? null : timeout;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Abandon(check, limit);
            throw;
        }
#pragma warning disable CA1031 // Any failure of the check shows that the store does not answer; the loop continues.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return exception;
        }
    }

    /// <summary>Cancels a check without waiting, because a driver may block the thread that cancels.</summary>
    private void Abandon(Task check, CancellationTokenSource limit)
    {
        _hanging.Add(check);
        _ = limit.CancelAsync();
        _ = check.ContinueWith(
            static ended => _ = ended.Exception, // Marks the error as observed.
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void Record(Exception? failure, long lossesBefore)
    {
        lock (_lock)
        {
            if (failure is null && lossesBefore != _losses)
                return; // A commit failed during the check. The next check decides.
            SetReachable(failure is null, failure);
        }
    }

    private void ReportLoss()
    {
        lock (_lock)
        {
            _losses++;
            SetReachable(false, failure: null); // The writer has logged the error.
        }
    }

    /// <summary>Changes the verdict. The caller must hold the lock.</summary>
    private void SetReachable(bool isReachable, Exception? failure)
    {
        if (_hasVerdict && isReachable == _isReachable)
            return;
        if (!isReachable)
            Log.Lost(_logger, failure);
        else if (_hasVerdict)
            Log.Reachable(_logger);
        _hasVerdict = true;
        _isReachable = isReachable;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 5022, Level = LogLevel.Warning,
            Message = "The store cannot be reached. This node is not ready until the store answers again.")]
        public static partial void Lost(ILogger logger, Exception? exception);

        [LoggerMessage(EventId = 5023, Level = LogLevel.Information, Message = "The store answers again.")]
        public static partial void Reachable(ILogger logger);
    }
}
