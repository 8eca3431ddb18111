using Microsoft.Extensions.Logging;
using Millrace.Archiving;
using Millrace.Scheduling;
using Millrace.Store;

namespace Millrace.Retention;

/// <summary>
/// Archives at the scheduled times. The lock makes one node do it, and the recorded run prevents that another node
/// repeats it. A run that was interrupted or missed is made up for by one run at the start.
/// </summary>
/// <param name="getArchive">Returns the archive of the store.</param>
/// <param name="getStore">Returns the store.</param>
/// <param name="options">The options, which are valid.</param>
/// <param name="monitor">Receives the recorded runs.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
internal sealed partial class ArchiveScheduler(
    Func<StoreArchive> getArchive,
    Func<EventStore> getStore,
    ArchiveScheduleOptions options,
    ArchiveMonitor monitor,
    TimeProvider time,
    ILogger<ArchiveScheduler> logger) : IStoreService, IDisposable
{
    private static readonly TimeSpan ReadInterval = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly DueTimes _due = new(CronExpression.Parse(options.Schedule), options.TimeZone, time);
    private Task? _running;

    /// <exception cref="InvalidOperationException">Each tenant has its own store.</exception>
    public Task Start(CancellationToken cancellationToken)
    {
        _ = getStore(); // Throws before the application starts.
        _running ??= Task.Run(() => Run(_stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task Stop(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_running is { } running)
            await running.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task Run(CancellationToken cancellationToken)
    {
        await Try(() => RunMissed(cancellationToken), cancellationToken).ConfigureAwait(false);
        await Task.WhenAll(
                _due.ForEach(due => Try(() => RunAt(due, cancellationToken), cancellationToken), cancellationToken),
                Observe(cancellationToken))
            .ConfigureAwait(false);
    }

    private async Task RunMissed(CancellationToken cancellationToken)
    {
        var last = await getArchive().FindLastRun(cancellationToken).ConfigureAwait(false);
        monitor.Recorded(last);
        if (last is not null && (_due.FindLast(last.Due) ?? (last.EndedAt is null ? last.Due : null)) is { } missed)
            await RunAt(missed, cancellationToken).ConfigureAwait(false);
    }

    private async Task RunAt(DateTimeOffset due, CancellationToken cancellationToken)
    {
        var archive = getArchive();
        var held = await ArchiveLock.TryAcquire(getStore(), cancellationToken).ConfigureAwait(false);
        if (held is null)
        {
            Log.Busy(logger, due);
            return;
        }
        await using (held.ConfigureAwait(false))
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, held.Lost);
            var last = await archive.FindLastRun(stopping.Token).ConfigureAwait(false);
            monitor.Recorded(last);
            if (last is not null && (last.Due > due || (last.Due == due && last.EndedAt is not null)))
                return; // Another node did it.
            await Archive(archive, due, last?.LastSucceededAt, stopping.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Reads the recorded run at an interval, so that each node reports the runs of all nodes.</summary>
    private async Task Observe(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(ReadInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            try
            {
                monitor.Recorded(await getArchive().FindLastRun(cancellationToken).ConfigureAwait(false));
            }
#pragma warning disable CA1031 // The next read can succeed; the former run is reported until then.
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                Log.NotRead(logger, exception);
            }
        }
    }

    private async Task Archive(
        StoreArchive archive, DateTimeOffset due, DateTimeOffset? succeededAt, CancellationToken cancellationToken)
    {
        var run = new ArchiveScheduledRun(due, time.GetUtcNow()) { LastSucceededAt = succeededAt };
        await Record(run).ConfigureAwait(false);
        try
        {
            foreach (var selection in options.SelectionsAt(time.GetUtcNow()))
                await archive.RunScheduled(selection, Add, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            await Record(run with { EndedAt = time.GetUtcNow(), Error = exception.Message }).ConfigureAwait(false);
            throw;
        }
        var now = time.GetUtcNow();
        await Record(run with { EndedAt = now, LastSucceededAt = now }).ConfigureAwait(false);
        Log.Ran(logger, due, run.Events, run.Segments);

        void Add(ArchiveReport segment) => run = run with
        {
            Events = run.Events + segment.Events,
            Segments = run.Segments + segment.Segments,
            SegmentBytes = run.SegmentBytes + segment.SegmentBytes,
        };

        async Task Record(ArchiveScheduledRun state)
        {
            monitor.Recorded(state);
            await archive.Record(state, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs once. A failure is logged; the next scheduled time continues.</summary>
    private async Task Try(Func<Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await action().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // The next scheduled time continues.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 17011,
            Level = LogLevel.Information,
            Message = "The archive run of {Due} archived {Events} events in {Segments} segments.")]
        public static partial void Ran(ILogger logger, DateTimeOffset due, long events, int segments);

        [LoggerMessage(
            EventId = 17012,
            Level = LogLevel.Error,
            Message = "The scheduled archive run failed. The next scheduled time continues; what was archived remains "
                + "archived.")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 17014,
            Level = LogLevel.Warning,
            Message = "The last archive run could not be read. It is read again in a minute.")]
        public static partial void NotRead(ILogger logger, Exception exception);

        [LoggerMessage(
            EventId = 17013,
            Level = LogLevel.Information,
            Message = "The archive run of {Due} was not started, because another run is in progress.")]
        public static partial void Busy(ILogger logger, DateTimeOffset due);
    }
}
