namespace Millrace.Tuning;

/// <summary>
/// Ends a run early: when its node stops or loses the lock, when it takes too long, or when a user cancels it on any
/// node, which the store records.
/// </summary>
internal sealed class TuningSession : IAsyncDisposable
{
    private const int MaxFactor = 3;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(500);

    private readonly string _id;
    private readonly TuningStore _reports;
    private readonly TimeProvider _time;
    private readonly TimeSpan _maxDuration;
    private readonly CancellationToken _stopping;
    private readonly CancellationToken _lost;
    private readonly CancellationTokenSource _cancelled = new();
    private readonly CancellationTokenSource _limit;
    private readonly CancellationTokenSource _any;
    private readonly Task _watching;
    private volatile TuningCancellation? _cancellation;

    /// <param name="report">The first report of the run.</param>
    /// <param name="reports">The stored reports.</param>
    /// <param name="time">The clock.</param>
    /// <param name="stopping">Cancelled when the node stops.</param>
    /// <param name="lost">Cancelled when the lock is lost.</param>
    public TuningSession(
        TuningReport report,
        TuningStore reports,
        TimeProvider time,
        CancellationToken stopping,
        CancellationToken lost)
    {
        (_id, _reports, _stopping, _lost, _time) = (report.Id, reports, stopping, lost, time);
        _maxDuration = MaxFactor * report.Duration;
        _limit = new CancellationTokenSource(
            TuningIntervals.MaxBatch + _maxDuration, time); // The present batch must end first.
        _any = CancellationTokenSource.CreateLinkedTokenSource(stopping, lost, _limit.Token, _cancelled.Token);
        Ending = _any.Token;
        _watching = Task.Run(Watch, CancellationToken.None);
    }

    /// <summary>Gets a token that is cancelled when the run must end.</summary>
    public CancellationToken Ending { get; }

    /// <summary>Gets why the run had to end.</summary>
    public string Reason =>
        _cancellation is { } cancellation ? $"{cancellation.By} cancelled the run."
        : _stopping.IsCancellationRequested ? "The node stopped."
        : _lost.IsCancellationRequested ? "The node lost the lock of the run."
        : "The run took three times as long as requested, because batches took long. Start it for longer.";

    /// <summary>Starts the time of the run.</summary>
    public void LimitTime() => _limit.CancelAfter(_maxDuration);

    public async ValueTask DisposeAsync()
    {
        await _any.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _any.Dispose();
        _limit.Dispose();
        _cancelled.Dispose();
    }

    private async Task Watch()
    {
        while (!Ending.IsCancellationRequested)
        {
            await Task.Delay(PollInterval, _time, Ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                if (await _reports.FindCancellation(Ending).ConfigureAwait(false) is { } found && found.Id == _id)
                {
                    _cancellation = found;
                    await _cancelled.CancelAsync().ConfigureAwait(false);
                }
            }
            catch (Exception exception) when (exception is MillraceException or OperationCanceledException)
            {
                // The store is not available, or the run ends. The time limit applies in any case.
            }
        }
    }
}
