using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Scheduling;
using Millrace.Store;

namespace Millrace.Retention;

/// <summary>
/// Runs the policies at the scheduled times, for each tenant, and continues interrupted runs at the start. The id of a
/// run is its scheduled time, so that several nodes do not repeat it.
/// </summary>
/// <param name="forEach">Calls a function with the retention of the store, or of each tenant.</param>
/// <param name="schedule">The cron expression; null to run only on request.</param>
/// <param name="zone">The time zone of the expression.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The logger.</param>
internal sealed partial class RetentionScheduler(
    Func<Func<RetentionService, CancellationToken, Task>, CancellationToken, Task> forEach,
    string? schedule,
    TimeZoneInfo zone,
    TimeProvider time,
    ILogger<RetentionScheduler> logger) : IStoreService, IDisposable
{
    public const string User = "schedule";
    public const string IdPrefix = "scheduled-";

    private const string IdFormat = "yyyyMMdd-HHmmss";

    private readonly CancellationTokenSource _stopping = new();
    private readonly DueTimes? _due =
        schedule is null ? null : new DueTimes(CronExpression.Parse(schedule), zone, time);
    private Task? _running;

    public Task Start(CancellationToken cancellationToken)
    {
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
        await Try(Resume, cancellationToken).ConfigureAwait(false);
        if (_due is null)
            return;
        // Times at which no node was running are made up for by one run at the start.
        await Try(RunMissed, cancellationToken).ConfigureAwait(false);
        await _due.ForEach(
                due => Try((service, token) => RunAt(service, due, token), cancellationToken), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task Resume(RetentionService service, CancellationToken cancellationToken)
    {
        await service.Declare(cancellationToken).ConfigureAwait(false);
        var ended = await service.Resume(cancellationToken).ConfigureAwait(false);
        if (ended > 0)
            Log.Resumed(logger, ended);
    }

    private async Task RunMissed(RetentionService service, CancellationToken cancellationToken)
    {
        var ids = await service.ListIds(cancellationToken).ConfigureAwait(false);
        if (ids.Max(TimeOf) is { } lastDue && _due!.FindLast(lastDue) is { } missed)
            await RunAt(service, missed, cancellationToken).ConfigureAwait(false); // The caller checks the schedule.
    }

    /// <summary>Returns the scheduled time of a run; null if it was not scheduled.</summary>
    private static DateTimeOffset? TimeOf(string id) =>
        id.StartsWith(IdPrefix, StringComparison.Ordinal)
        && DateTimeOffset.TryParseExact(
            id[IdPrefix.Length..],
            IdFormat,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var due)
            ? due
            : null;

    private async Task RunAt(RetentionService service, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var id = IdPrefix + due.UtcDateTime.ToString(IdFormat, CultureInfo.InvariantCulture);
        try
        {
            await service.Resume(cancellationToken).ConfigureAwait(false);
        }
        catch (AggregateException failure)
        {
            Log.Failed(logger, service.Tenant, failure); // The policies do not depend on earlier runs.
        }
        var run = await service.RunScheduled(id, cancellationToken).ConfigureAwait(false);
        if (!logger.IsEnabled(LogLevel.Information))
            return;
        var kept = run.Results.Sum(result => result.Kept.Sum(reason => reason.Count));
        Log.Ran(logger, id, run.Events, run.Streams, kept);
    }

    /// <summary>Calls a function for each tenant. A failure is logged; the next scheduled time continues.</summary>
    private async Task Try(
        Func<RetentionService, CancellationToken, Task> action, CancellationToken cancellationToken)
    {
        try
        {
            await forEach(
                async (service, token) =>
                {
                    try
                    {
                        await action(service, token).ConfigureAwait(false);
                    }
                    catch (LockUnavailableException)
                    {
                        Log.Busy(logger, service.Tenant);
                    }
#pragma warning disable CA1031 // The other tenants do not depend on this one.
                    catch (Exception exception) when (!token.IsCancellationRequested)
#pragma warning restore CA1031
                    {
                        Log.Failed(logger, service.Tenant, exception);
                    }
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // The next scheduled time, or a call, continues.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, "", exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 17001,
            Level = LogLevel.Information,
            Message = "{Runs} interrupted retention runs were completed.")]
        public static partial void Resumed(ILogger logger, int runs);

        [LoggerMessage(
            EventId = 17002,
            Level = LogLevel.Information,
            Message = "Retention run {Run} removed {Events} events of {Streams} streams, and kept {Kept} streams.")]
        public static partial void Ran(ILogger logger, string run, long events, long streams, long kept);

        [LoggerMessage(
            EventId = 17003,
            Level = LogLevel.Error,
            Message = "A retention run of tenant '{Tenant}' failed. The next scheduled time continues it; what was "
                + "removed is recorded.")]
        public static partial void Failed(ILogger logger, string tenant, Exception exception);

        [LoggerMessage(
            EventId = 17004,
            Level = LogLevel.Information,
            Message = "The retention policies of tenant '{Tenant}' were not run, because another run is in progress.")]
        public static partial void Busy(ILogger logger, string tenant);
    }
}
