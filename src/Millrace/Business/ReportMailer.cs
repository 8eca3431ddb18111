using System.Globalization;
using Microsoft.Extensions.Logging;
using Millrace.Business.Findings;
using Millrace.Business.WeeklyReports;
using Millrace.Storage;

namespace Millrace.Business;

/// <summary>
/// Sends the weekly report when it is due, and reports that a user requests. An attempt is stored before a channel is
/// called, so that no other node makes one at the same time, and each channel that has accepted it is stored.
/// </summary>
internal sealed partial class ReportMailer(
    ReportBuilder builder, KpiMonitorStore records, KpiMonitorSetup setup, ILogger logger)
{
    /// <summary>The time after which a report that no channel accepts is dropped.</summary>
    public static readonly TimeSpan MaxAge = TimeSpan.FromDays(1);

    /// <summary>The time after which a report is sent with a note although events are missing in it.</summary>
    public static readonly TimeSpan MaxPostponement = TimeSpan.FromHours(2);

    private static readonly TimeSpan SendTimeout = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MaxRetryDelay = TimeSpan.FromHours(1);
    private static readonly TimeSpan MaxPostponedDelay = TimeSpan.FromMinutes(10);

    private readonly ReportSchedule _schedule =
        new(setup.Options.ReportDay, setup.Options.ReportHour, setup.Options.TimeZone);

    // The mails that channels have accepted, until this is recorded.
    private readonly HashSet<(string Mail, string Channel)> _accepted = [];

    /// <summary>The maximum wait until the figures contain all events.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Sends the reports that are due.</summary>
    public async Task Run(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await records.EnsureCollections(cancellationToken).ConfigureAwait(false);
        var schedule = await records.FindSchedule(cancellationToken).ConfigureAwait(false);
        await RunSchedule(schedule?.Value, schedule?.Version ?? 0, now, cancellationToken).ConfigureAwait(false);
        var request = await records.FindRequest(cancellationToken).ConfigureAwait(false);
        if (request?.Value is not { EndedAt: null } mail)
            return;
        if (setup.Options.ReportChannels.Count == 0)
            await Save(
                KpiMonitorStore.Change(WithoutChannels(mail, now), request.Version), cancellationToken)
                .ConfigureAwait(false);
        else if (IsDue(mail, now))
            await new Delivery(this, mail, request.Version, KpiMonitorStore.Change, now)
                .Run(cancellationToken).ConfigureAwait(false);
    }

    private async Task RunSchedule(
        KpiScheduleRecord? schedule, long version, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var due = _schedule.DueWeek(now);
        if (schedule is null || setup.Options.ReportChannels.Count == 0)
        {
            await Skip(schedule, version, due, now, cancellationToken).ConfigureAwait(false);
            return;
        }
        if (IsBefore(schedule.LastWeek, due)) // After a downtime, only the newest week is sent.
        {
            var mail = MailOf(
                KpiPeriod.Of(due, setup.Options.TimeZone), null, setup.Options.ReportChannels, now);
            schedule = new KpiScheduleRecord(due.ToString(), mail);
            if (await Save(KpiMonitorStore.Change(schedule, version), cancellationToken).ConfigureAwait(false)
                is not { } committed)
                return;
            version = committed;
        }
        if (schedule.Mail is { EndedAt: null } pending && IsDue(pending, now))
            await new Delivery(
                this,
                pending,
                version,
                (mail, from) => KpiMonitorStore.Change(new KpiScheduleRecord(schedule.LastWeek, mail), from),
                now).Run(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Records that the weeks before the first start, and those while there is no channel, are not sent. A report that
    /// is being sent ends.
    /// </summary>
    private async Task Skip(
        KpiScheduleRecord? schedule,
        long version,
        KpiWeek due,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var isPending = schedule?.Mail is { EndedAt: null };
        if (schedule is not null && !isPending && !IsBefore(schedule.LastWeek, due))
            return;
        var week = schedule is null || IsBefore(schedule.LastWeek, due) ? due.ToString() : schedule.LastWeek;
        var mail = isPending ? WithoutChannels(schedule!.Mail!, now) : schedule?.Mail; // Neither is null then.
        await Save(KpiMonitorStore.Change(new KpiScheduleRecord(week, mail), version), cancellationToken)
            .ConfigureAwait(false);
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

    /// <summary>Creates the report. Returns the state after the attempt if it cannot be sent yet.</summary>
    private async Task<(ReportMessage? Message, KpiMailRecord Mail)> TryCreate(
        KpiMailRecord mail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        try
        {
            var after = new ReadAfter(await builder.GetToken(cancellationToken).ConfigureAwait(false), ReadTimeout);
            var report = await builder
                .Build(mail.PeriodIn(setup.Options.TimeZone), after, cancellationToken).ConfigureAwait(false);
            if (report.IsFresh || now - mail.CreatedAt >= MaxPostponement)
                return (
                    new(mail.Id, $"Business figures: {report.Title}", report.ToText(), report.ToHtml()), mail);
            Log.Postponed(logger, report.Title);
            return (null, Postponed(mail, now));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // A report that cannot be created must end, because another one waits for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.NotCreated(logger, mail.FirstDay, mail.EndDay, exception);
            return (null, Ended(mail with { Error = ErrorOf(exception) }, now));
        }
    }

    private static KpiMailRecord WithoutChannels(KpiMailRecord mail, DateTimeOffset now) =>
        mail with { EndedAt = now, Error = "No channel for reports is left." };

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
        return Later(mail, now, MaxRetryDelay);
    }

    private KpiMailRecord Postponed(KpiMailRecord mail, DateTimeOffset now) => Later(
        mail with { Error = "The figures do not contain all events yet." }, now, MaxPostponedDelay);

    private KpiMailRecord Later(KpiMailRecord mail, DateTimeOffset now, TimeSpan maxDelay)
    {
        var delay = setup.Options.Interval * Math.Pow(2, Math.Min(mail.Failures, 12));
        return mail with { Failures = mail.Failures + 1, NotBefore = now + (delay < maxDelay ? delay : maxDelay) };
    }

    /// <summary>Returns the error; null if the channel accepted the report.</summary>
    private async Task<string?> TrySend(string name, ReportMessage message, CancellationToken cancellationToken)
    {
        if (_accepted.Contains((message.Id, name)))
            return null; // In an attempt whose end could not be stored.
        if (setup.Channels.GetValueOrDefault(name) is not IReportChannel channel)
            return "This node has no such channel that can send reports.";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(SendTimeout);
        try
        {
            await channel.Send(message, limit.Token).WaitAsync(limit.Token).ConfigureAwait(false);
            _accepted.Add((message.Id, name));
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
            return ErrorOf(exception);
        }
    }

    /// <summary>
    /// Returns the new version; null if another node has changed the document, or the version is unknown after a broken
    /// connection.
    /// </summary>
    private async ValueTask<long?> Save(DocumentChange change, CancellationToken cancellationToken)
    {
        var (committed, conflict) = await records.TryCommit([change], cancellationToken).ConfigureAwait(false);
        return conflict is null && committed > 0 ? committed : null;
    }

    private static string ErrorOf(Exception exception) => $"{exception.GetType().Name}: {exception.Message}";

    private static bool IsDue(KpiMailRecord mail, DateTimeOffset now) =>
        mail.NotBefore <= now || mail.NotBefore > now + MaxRetryDelay; // The clock was set back.

    private static bool IsBefore(string week, KpiWeek due) =>
        !KpiWeek.TryParse(week, out var last) || last.Monday < due.Monday;

    /// <summary>An attempt to send a report to the channels that have not accepted it yet.</summary>
    private sealed class Delivery(
        ReportMailer mailer,
        KpiMailRecord mail,
        long version,
        Func<KpiMailRecord, long, DocumentChange> change,
        DateTimeOffset now)
    {
        private long _version = version;

        public async Task Run(CancellationToken cancellationToken)
        {
            var timeout = SendTimeout * (mail.Channels.Count + 1);
            var state = mail with { NotBefore = now + (timeout < MaxRetryDelay ? timeout : MaxRetryDelay) };
            if (!await TrySave(state).ConfigureAwait(false))
                return; // Another node sends, or it is unknown whether the attempt was stored.
            var (message, next) = await mailer.TryCreate(state, now, cancellationToken).ConfigureAwait(false);
            if (message is null)
            {
                await TrySave(next).ConfigureAwait(false);
                return;
            }
            foreach (var channel in mail.Channels)
            {
                var error = await mailer.TrySend(channel, message, cancellationToken).ConfigureAwait(false);
                state = error is null
                    ? state with { Channels = [.. state.Channels.Where(one => one != channel)] }
                    : state with { Error = $"{channel}: {error}" };
                if (error is null && !await TrySave(state).ConfigureAwait(false))
                    return; // The next attempt knows the channels that have accepted the report.
            }
            if (await TrySave(mailer.Ended(state, now)).ConfigureAwait(false))
                mailer._accepted.RemoveWhere(one => one.Mail == mail.Id); // Recorded.
        }

        /// <summary>Returns false if another node has changed the state, or the version is unknown.</summary>
        private async ValueTask<bool> TrySave(KpiMailRecord record)
        {
            // Not cancelled when the node stops: the report would be sent again.
            using var limit = new CancellationTokenSource(AlertOptions.RecordTimeout);
            if (await mailer.Save(change(record, _version), limit.Token).ConfigureAwait(false) is not { } committed)
                return false;
            _version = committed;
            return true;
        }
    }

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

        [LoggerMessage(
            EventId = 26006,
            Level = LogLevel.Error,
            Message = "The report from {FirstDay} to before {EndDay} cannot be created. The next attempt follows after "
                + "a pause.")]
        public static partial void NotCreated(
            ILogger logger, DateOnly firstDay, DateOnly endDay, Exception exception);

        [LoggerMessage(
            EventId = 26007,
            Level = LogLevel.Warning,
            Message = "The report '{Report}' is not sent yet, because the figures do not contain all events. After two "
                + "hours, it is sent with a note.")]
        public static partial void Postponed(ILogger logger, string report);
    }
}
