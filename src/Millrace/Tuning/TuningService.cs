using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Locking;
using Millrace.Queries;
using Millrace.Store;

namespace Millrace.Tuning;

/// <summary>Starts tuning runs on this node, one at a time over all nodes of the store, which a lock ensures.</summary>
internal sealed partial class TuningService(ConsumerHost host, QueryCache? cache, ILogger logger)
    : IStoreService, IAsyncDisposable
{
    public const string LockName = "millrace-tuning";

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LockDuration = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);

    private readonly TuningStore _reports = new(host.Store);
    private readonly StoreLockProvider _locks = new(host.Store);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new(); // Guards the field below.
    private Task _running = Task.CompletedTask;
    private bool _isDisposed;

    private TimeProvider Time => host.Store.Time;

    /// <summary>Starts a run, and returns its first report.</summary>
    public async Task<TuningReport> Start(
        string? consumer, TimeSpan duration, string by, CancellationToken cancellationToken)
    {
        ThrowIfStopping(consumer);
        if (consumer is not null)
            Require(consumer);
        var request = new LockRequest(LockName) { Duration = LockDuration, Wait = TimeSpan.Zero };
        var held = await Locks.Of(host.Store).TryAcquire(request, cancellationToken).ConfigureAwait(false)
            ?? throw new TuningBusyException();
        TuningReport? known = null;
        try
        {
            var now = Time.GetUtcNow();
            var report = new TuningReport
            {
                Id = Guid.CreateVersion7(now).ToString("N", CultureInfo.InvariantCulture),
                State = TuningState.Running,
                Node = host.Node,
                By = by,
                StartedAt = now,
                Duration = duration,
                Consumer = consumer,
            };
            known = report;
            await _reports.Start(report, cancellationToken).ConfigureAwait(false);
            lock (_lock)
            {
                ThrowIfStopping(consumer);
                _running = Task.Run(() => Run(report, held, _stopping.Token), CancellationToken.None);
            }
            return report;
        }
        catch
        {
            if (known is not null) // It may be stored, even if the caller was cancelled.
                await TryStore(known with { State = TuningState.Interrupted, Reason = "The run did not start." })
                    .ConfigureAwait(false);
            await held.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Requests that the running run ends, on any node. Returns false if none runs.</summary>
    public async Task<bool> Cancel(string by, CancellationToken cancellationToken)
    {
        if (await FindReport(cancellationToken).ConfigureAwait(false) is not { State: TuningState.Running } report)
            return false;
        await _reports.Cancel(new TuningCancellation(report.Id, by), cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <summary>Returns the last report. A run that does not hold the lock any more is interrupted.</summary>
    public async ValueTask<TuningReport?> FindReport(CancellationToken cancellationToken)
    {
        var report = await _reports.Find(cancellationToken).ConfigureAwait(false);
        if (report is not { State: TuningState.Running }
            || await _locks.IsHeld(LockName, cancellationToken).ConfigureAwait(false))
            return report;
        // The run stores its last report before it releases the lock.
        report = await _reports.Find(cancellationToken).ConfigureAwait(false);
        return report is { State: TuningState.Running }
            ? report with { State = TuningState.Interrupted, Reason = "The node stopped before the end of the run." }
            : report;
    }

    public Task Start(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task Stop(CancellationToken cancellationToken)
    {
        Task running;
        await _stopping.CancelAsync().ConfigureAwait(false);
        lock (_lock)
            running = _running;
        await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        await Stop(CancellationToken.None).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task Run(TuningReport report, HeldLock held, CancellationToken stopping)
    {
        await using (held.ConfigureAwait(false))
        {
            var session = new TuningSession(report, _reports, Time, stopping, held.Lost);
            await using var _ = session.ConfigureAwait(false);
            var ended = await TryMeasure(report, session).ConfigureAwait(false);
            Log.Ended(logger, ended.Consumer ?? "(none)", ended.State, ended.Reason ?? "");
            await TryStore(ended).ConfigureAwait(false);
        }
    }

    /// <summary>Stores the last report of a run, unless another run has started.</summary>
    private async Task TryStore(TuningReport report)
    {
        try
        {
            using var limit = new CancellationTokenSource(WriteTimeout, Time);
            await _reports.Update(report with { EndedAt = Time.GetUtcNow() }, limit.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The run has ended. Its report then shows that it was interrupted.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotStored(logger, exception);
        }
    }

    private async Task<TuningReport> TryMeasure(TuningReport report, TuningSession session)
    {
        var cancellationToken = session.Ending;
        try
        {
            var consumers = report.Consumer is { } name
                ? Require(name)
                : await FindBusiest(TuningPlan.ProbeLength(report.Duration), cancellationToken).ConfigureAwait(false);
            var target = new TuningTarget(consumers, cache, host.Options, () => host.Store.Tail.Head.Position);
            Log.Started(logger, target.Name ?? "(none)", report.By, report.Duration.TotalSeconds);
            var random = new Random(unchecked((int)report.StartedAt.UtcTicks)); // The order of a report is repeatable.
            return await new TuningRun(target, report.Duration, Time, random) { OnMeasuring = session.LimitTime }
                .Run(report with { Consumer = target.Name }, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return report with { State = TuningState.Interrupted, Reason = session.Reason };
        }
        catch (TuningStoppedException exception)
        {
            return report with { State = TuningState.Interrupted, Reason = exception.Message };
        }
#pragma warning disable CA1031 // The report states the error.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return report with { State = TuningState.Failed, Reason = exception.Message };
        }
    }

    private void ThrowIfStopping(string? consumer)
    {
        if (_stopping.IsCancellationRequested)
            throw new TuningRefusedException(consumer ?? "(any)", "the node is stopping. Send the request again.");
    }

    /// <summary>Returns the partitions of a consumer that this node runs.</summary>
    private List<Consumer> Require(string name)
    {
        var all = host.FindAll(name);
        if (all.Count == 0)
            throw new ConsumerNotFoundException(name);
        if (!all[0].Processor.CanAdapt)
            throw new TuningRefusedException(
                name, "its batches and workers are fixed. Consumers of the application and publishers can be tuned.");
        if (all.All(static consumer => consumer.IsPaused))
            throw new TuningRefusedException(name, "it is paused. Resume it.");
        var here = all.Where(static consumer => consumer.Lease is not null).ToList();
        return here.Count > 0 ? here : throw new TuningRefusedException(
            name, "another node runs it. Send the request to that node, which the status of the consumer names.");
    }

    /// <summary>
    /// Returns the partitions of the consumer that was busy for the longest time; empty if none had load.
    /// </summary>
    private async Task<IReadOnlyList<Consumer>> FindBusiest(TimeSpan length, CancellationToken cancellationToken)
    {
        var all = host.All
            .Where(static one => one.Processor.CanAdapt && one.Lease is not null && !one.IsPaused)
            .GroupBy(static one => one.Name, StringComparer.Ordinal)
            .Select(group => (Consumers: group.ToList(), Trial: new LoadTrial(BatchOf(group.First()), null, Time)))
            .ToList();
        try
        {
            foreach (var (consumers, trial) in all)
                consumers.ForEach(one => one.Processor.Trial = trial);
            var startedAt = Time.GetTimestamp();
            while (Time.GetElapsedTime(startedAt) < length)
            {
                all.ForEach(static one => one.Trial.KeepAlive());
                await Task.Delay(Step, Time, cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            foreach (var (consumers, _) in all)
                consumers.ForEach(static one => one.Processor.Trial = null);
        }
        return all
            .Select(one => (one.Consumers, Batches: one.Trial.TakeBatches(), Lag: LagOf(one.Consumers)))
            .Where(static one => one.Batches.Sum(static batch => batch.Events) >= TuningPlan.MinEvents
                || one.Lag >= TuningPlan.MinEvents)
            .OrderByDescending(static one => one.Batches.Sum(static batch => batch.Duration.Ticks))
            .ThenByDescending(static one => one.Lag)
            .Select(static one => one.Consumers)
            .FirstOrDefault() ?? [];
    }

    private int BatchOf(Consumer consumer) =>
        Math.Min(TuningPlan.ProbeEvents, TuningTarget.PresentBatchOf(consumer.Processor, host.Options));

    /// <summary>Returns the events that wait: a batch that takes longer than the interval is not measured.</summary>
    private long LagOf(List<Consumer> consumers) => host.Store.Tail.Head.Position
        - (consumers.Min(static one => one.TakeSnapshot()?.Position) ?? host.Store.Tail.Head.Position);

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 24060,
            Level = LogLevel.Information,
            Message = "The tuning of {Consumer} starts, requested by {By}, for {Seconds} s. Its settings change for "
                + "short intervals.")]
        public static partial void Started(ILogger logger, string consumer, string by, double seconds);

        [LoggerMessage(
            EventId = 24061,
            Level = LogLevel.Information,
            Message = "The tuning of {Consumer} has ended: {State}. {Reason}")]
        public static partial void Ended(ILogger logger, string consumer, TuningState state, string reason);

        [LoggerMessage(
            EventId = 24062,
            Level = LogLevel.Warning,
            Message = "The report of the tuning could not be stored.")]
        public static partial void NotStored(ILogger logger, Exception exception);
    }
}
