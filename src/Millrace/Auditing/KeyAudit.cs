using Microsoft.Extensions.Logging;

namespace Millrace.Auditing;

/// <summary>
/// Appends the uses of data keys to the audit trail in the background, so that no reader and no append waits for it.
/// Writes all waiting entries before it stops.
/// </summary>
internal sealed partial class KeyAudit(EventStore store, KeyUseQueue uses, ILogger logger) : IAsyncDisposable
{
    private const int MaxBatch = 200;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SummaryInterval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private long _summarizedAt;
    private int _isDisposed;

    public void Start()
    {
        _summarizedAt = store.Time.GetTimestamp();
        _running = Task.Run(() => Run(_stopping.Token), CancellationToken.None);
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        while (uses.HasAny)
            await Write(includesCounted: true, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0)
            return;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task Run(CancellationToken cancellationToken)
    {
        var isFailing = false;
        using var timer = new PeriodicTimer(Interval, store.Time);
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
                await WriteAll(cancellationToken).ConfigureAwait(false);
                isFailing = false;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The entries wait in the queue for the next attempt.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!isFailing)
                    Log.NotRecorded(logger, exception);
                isFailing = true;
            }
        }
    }

    private async Task WriteAll(CancellationToken cancellationToken)
    {
        var includesCounted = store.Time.GetElapsedTime(_summarizedAt) >= SummaryInterval;
        if (includesCounted)
            _summarizedAt = store.Time.GetTimestamp();
        while (await Write(includesCounted, cancellationToken).ConfigureAwait(false) > 0)
        {
            // More entries can wait.
        }
    }

    /// <summary>Appends a batch of entries. Returns their number, 0 if there are none.</summary>
    private async Task<int> Write(bool includesCounted, CancellationToken cancellationToken)
    {
        var entries = uses.Take(Math.Min(MaxBatch, store.Options.Limits.MaxEventsPerAppend), includesCounted);
        if (entries.Count == 0)
            return 0;
        var request = new AppendRequest();
        foreach (var entry in entries)
            AuditTrail.AddTo(request, entry);
        try
        {
            await store.Append(request, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            uses.Return(entries); // An append whose outcome is unknown can leave a second entry.
            throw;
        }
        return entries.Count;
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 14004, Level = LogLevel.Error,
            Message = "Uses of data keys cannot be recorded in the audit trail. They wait in memory.")]
        public static partial void NotRecorded(ILogger logger, Exception exception);
    }
}
