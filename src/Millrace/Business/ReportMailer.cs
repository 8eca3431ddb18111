using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Business.Findings;
using Millrace.Business.WeeklyReports;
using Millrace.Storage;

namespace Millrace.Business;

/// <summary>
/// Sends the weekly report when it is due, and reports that a user requests. An attempt is stored before a channel is
/// called, so that no other node makes one at the same time.
/// </summary>
internal sealed partial class ReportMailer(
    EventStore store, ReportBuilder builder, KpiMonitorStore records, KpiMonitorSetup setup, ILogger logger)
{
    /// <summary>The time after which a report that no channel accepts is dropped.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(30);

    private readonly ReportSchedule _schedule =
        new(setup.Options.ReportDay, setup.Options.ReportHour, setup.Options.TimeZone);

    /// <summary>Sends the reports that are due.</summary>
    public async Task Run(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await records.EnsureCollections(cancellationToken).ConfigureAwait(false);
        var schedule = await records.FindSchedule(cancellationToken).ConfigureAwait(false);
        await RunSchedule(schedule?.Value, schedule?.Version ?? 0, now, cancellationToken).ConfigureAwait(false);
        var request = await records.FindRequest(cancellationToken).ConfigureAwait(false);
        if (request?.Value is { EndedAt: null } mail && IsDue(mail, now))
            await Send(mail, request.Version, KpiMonitorStore.Change, now, cancellationToken).ConfigureAwait(false);
    }

    private async Task RunSchedule(
        KpiScheduleRecord? schedule, long version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var due = _schedule.DueWeek(now);
        if (schedule is null || setup.Options.ReportChannels.Count == 0)
        {
            // Weeks before the first start, and while there is no channel, are not sent.
            if (schedule is null || (schedule.Mail is null && IsBefore(schedule.LastWeek, due)))
                await records.TryCommit(
                    [KpiMonitorStore.Change(new KpiScheduleRecord(due.ToString(), null), version)], cancellationToken)
                    .ConfigureAwait(false);
            return;
        }
        if (IsBefore(schedule.LastWeek, due)) // After a downtime, only the newest week is sent.
        {
            var mail = MailOf(
                KpiPeriod.Of(due, setup.Options.TimeZone), null, setup.Options.ReportChannels, now);
            schedule = new KpiScheduleRecord(due.ToString(), mail);
            (version, var conflict) = await records
                .TryCommit([KpiMonitorStore.Change(schedule, version)], cancellationToken).ConfigureAwait(false);
            if (conflict is not null)
                return;
        }
        if (schedule.Mail is { EndedAt: null } pending && IsDue(pending, now))
            await Send(
                pending,
                version,
                (mail, from) => KpiMonitorStore.Change(new KpiScheduleRecord(schedule.LastWeek, mail), from),
                now,
                cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns a report to send.</summary>
    public static KpiMailRecord MailOf(
        KpiPeriod period, string? by, IReadOnlyList<string> channels, DateTimeOffset now) => new()
        {
            Id = Guid.CreateVersion7(now).ToString("N", CultureInfo.InvariantCulture),
            FirstDay = period.FirstDay,
            EndDay = period.EndDay,
            By = by,
            CreatedAt = now,
            Channels = [.. channels.Distinct(StringComparer.Ordinal)],
        };

    private async Task Send(
        KpiMailRecord mail,
        long version,
        Func<KpiMailRecord, long, DocumentChange> change,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        if (await TrySave(mail with { NotBefore = now + 2 * SendTimeout }).ConfigureAwait(false) is not { } attempt)
            return; // Another node sends.
        version = attempt;
        var token = await store.GetToken(cancellationToken).ConfigureAwait(false);
        var report = await builder
            .Build(mail.PeriodIn(setup.Options.TimeZone), new ReadAfter(token, ReadTimeout), cancellationToken)
            .ConfigureAwait(false);
        var message = new ReportMessage(
            mail.Id, $"Business figures: {report.Title}", report.ToText(), report.ToHtml());
        foreach (var channel in mail.Channels)
        {
            var error = await TrySend(channel, message, cancellationToken).ConfigureAwait(false);
            mail = error is null
                ? mail with { Channels = [.. mail.Channels.Where(one => one != channel)] }
                : mail with { Error = $"{channel}: {error}" };
        }
        await TrySave(Ended(mail, now)).ConfigureAwait(false);

        async ValueTask<long?> TrySave(KpiMailRecord record)
        {
            // Not cancelled after an attempt, because the report would be sent again.
            var (committed, conflict) = await records
                .TryCommit([change(record, version)], CancellationToken.None).ConfigureAwait(false);
            return conflict is null ? committed : null;
        }
    }

    /// <summary>Returns the state after an attempt.</summary>
    private KpiMailRecord Ended(KpiMailRecord mail, DateTimeOffset now)
    {
        if (mail.Channels.Count == 0)
            return mail with { EndedAt = now, Error = null };
        if (now - mail.CreatedAt >= MaxAge)
        {
            Log.Dropped(logger, string.Join(", ", mail.Channels), mail.Error);
            return mail with { EndedAt = now };
        }
        var delay = setup.Options.Interval * Math.Pow(2, Math.Min(mail.Failures, 12));
        return mail with
        {
            Failures = mail.Failures + 1,
            NotBefore = now + (delay < MaxRetryDelay ? delay : MaxRetryDelay),
        };
    }

    /// <summary>Returns the error; null if the channel accepted the report.</summary>
    private async Task<string?> TrySend(string name, ReportMessage message, CancellationToken cancellationToken)
    {
        if (setup.Channels.GetValueOrDefault(name) is not IReportChannel channel)
            return "This node has no such channel that can send reports.";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SendTimeout);
        try
        {
            await channel.Send(message, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            Log.Sent(logger, message.Subject, name);
            return null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw; // It is unknown whether the report was sent. It is sent again with the same id.
        }
#pragma warning disable CA1031 // A channel is code of the application. The report is sent again.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotSent(logger, message.Subject, name, exception);
            return $"{exception.GetType().Name}: {exception.Message}";
        }
    }

    private static bool IsDue(KpiMailRecord mail, DateTimeOffset now) =>
        mail.NotBefore <= now || mail.NotBefore > now + MaxRetryDelay; // The clock was set back.

    private static bool IsBefore(string week, KpiWeek due) =>
        !KpiWeek.TryParse(week, out var last) || last.Monday < due.Monday;

    private static partial class Log
    {
        [LoggerMessage(
            EventId = 26002,
            Level = LogLevel.Error,
            Message = "The report '{Report}' was not sent to the channel {Channel}. It is sent again after a pause.")]
        public static partial void NotSent(ILogger logger, string report, string channel, Exception exception);

        [LoggerMessage(
            EventId = 26003,
            Level = LogLevel.Error,
            Message = "A report was dropped after a day, because the channels {Channels} have not accepted it: "
                + "{Error}")]
        public static partial void Dropped(ILogger logger, string channels, string? error);

        [LoggerMessage(
            EventId = 26004,
            Level = LogLevel.Information,
            Message = "The report '{Report}' was sent to the channel {Channel}.")]
        public static partial void Sent(ILogger logger, string report, string channel);
    }
}
