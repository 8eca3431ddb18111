using Millrace.Business;
using Millrace.Business.Findings;
using Millrace.Business.WeeklyReports;
using Millrace.Storage;

namespace Millrace;

/// <summary>Returns anomalies of business figures and reports about them. Thread-safe.</summary>
public sealed class KpiMonitor
{
    /// <summary>The maximum number of anomalies that <see cref="ReadAnomalies"/> returns.</summary>
    public const int MaxAnomalies = 1_000;

    private static readonly TimeSpan ReadTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    private readonly EventStore _store;
    private readonly Func<Kpis> _getKpis;
    private readonly KpiMonitorStore _records;
    private readonly StoreClock _clock;

    internal KpiMonitor(EventStore store, Func<Kpis> getKpis)
    {
        (_store, _getKpis) = (store, getKpis);
        _records = new KpiMonitorStore(store);
        _clock = new StoreClock(() => store.Storage, store.Time);
    }

    /// <summary>
    /// Returns the monitor of stores without the code of the application, for tools. The time zone is that of the
    /// application.
    /// </summary>
    /// <param name="stores">The stores of all shards, the home shard first, or the only store.</param>
    /// <exception cref="ArgumentException">There is no store.</exception>
    public static KpiMonitor Of(params IReadOnlyList<EventStore> stores)
    {
        ArgumentNullException.ThrowIfNull(stores);
        var kpis = Kpis.Of(stores);
        return new KpiMonitor(stores[0], () => kpis);
    }

    /// <summary>Returns anomalies, the newest hours first.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The limit is not from 1 to 1,000.</exception>
    public async Task<IReadOnlyList<KpiAnomaly>> ReadAnomalies(
        KpiAnomalyQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1, nameof(query));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, MaxAnomalies, nameof(query));
        return await _records.ReadAnomalies(query, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the report about a week. It waits up to 5 seconds for each figure that does not contain all events yet.
    /// </summary>
    public async Task<KpiReport> CreateReport(KpiWeek week, CancellationToken cancellationToken = default) =>
        await CreateReport(week.Monday, week.Monday.AddDays(6), cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the report about a time of at most 366 days.</summary>
    /// <param name="firstDay">The first day.</param>
    /// <param name="lastDay">The last day.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="ArgumentOutOfRangeException">The last day is before the first one, or the time is too
    /// long.</exception>
    public async Task<KpiReport> CreateReport(
        DateOnly firstDay, DateOnly lastDay, CancellationToken cancellationToken = default)
    {
        var zone = await Zone(cancellationToken).ConfigureAwait(false);
        var period = PeriodOf(firstDay, lastDay, zone);
        var after = new ReadAfter(await _store.GetToken(cancellationToken).ConfigureAwait(false), ReadTimeout);
        return await new ReportBuilder(_getKpis(), _records, _store.Time)
            .Build(period, after, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Requests that the application sends a report to the channels of
    /// <see cref="KpiMonitorOptions.ReportChannels"/>. The node that acts sends it within its interval.
    /// </summary>
    /// <param name="firstDay">The first day.</param>
    /// <param name="lastDay">The last day.</param>
    /// <param name="by">The user who requests it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The id of the request.</returns>
    /// <exception cref="KpiReportNotSentException">The application has no channels for reports, or another report is
    /// being sent.</exception>
    /// <inheritdoc cref="CreateReport(DateOnly, DateOnly, CancellationToken)"/>
    public async Task<string> RequestReport(
        DateOnly firstDay, DateOnly lastDay, string by, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        var period = PeriodOf(firstDay, lastDay, TimeZoneInfo.Utc);
        var declaration = await _records.FindDeclaration(cancellationToken).ConfigureAwait(false);
        if (declaration is not { ReportChannels: { Count: > 0 } channels })
            throw new KpiReportNotSentException(
                "No application has declared channels for reports here. Set ReportChannels in UseKpiMonitor.");
        var now = await _clock.Now(cancellationToken).ConfigureAwait(false);
        var found = await _records.FindRequest(cancellationToken).ConfigureAwait(false);
        if (found?.Value is { EndedAt: null } pending && now - pending.CreatedAt < ReportMailer.MaxAge)
            throw new KpiReportNotSentException(
                $"Another report, requested at {pending.CreatedAt:u}, is being sent. Try again later.");
        var mail = ReportMailer.MailOf(period, by, channels, now);
        var (_, conflict) = await _records
            .TryCommit([KpiMonitorStore.Change(mail, found?.Version ?? 0)], cancellationToken).ConfigureAwait(false);
        return conflict is null
            ? mail.Id
            : throw new KpiReportNotSentException("Another report is being sent. Try again later.");
    }

    /// <summary>Waits until a requested report was sent. Returns false if it was not sent in time.</summary>
    /// <param name="id">The id of the request.</param>
    /// <param name="wait">The maximum wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="KpiReportNotSentException">A channel has not accepted the report.</exception>
    public async Task<bool> WaitForReport(string id, TimeSpan wait, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        var startedAt = _store.Time.GetTimestamp();
        while (true)
        {
            var found = await _records.FindRequest(cancellationToken).ConfigureAwait(false);
            if (found?.Value is not { } mail || mail.Id != id || mail is { EndedAt: not null, Error: null })
                return true; // A later request follows only after the end of this one.
            if (mail.Error is { } error)
                throw new KpiReportNotSentException(
                    $"A channel has not accepted the report yet: {error}. It is sent again after a pause.");
            if (_store.Time.GetElapsedTime(startedAt) >= wait)
                return false;
            await Task.Delay(PollInterval, _store.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the newest week that has ended.</summary>
    public async Task<KpiWeek> FindLastWeek(CancellationToken cancellationToken = default)
    {
        var zone = await Zone(cancellationToken).ConfigureAwait(false);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(_store.Time.GetUtcNow(), zone).DateTime);
        return KpiWeek.Of(today).Add(-1);
    }

    private async ValueTask<TimeZoneInfo> Zone(CancellationToken cancellationToken)
    {
        var declaration = await _records.FindDeclaration(cancellationToken).ConfigureAwait(false);
        return declaration is not null && TimeZoneInfo.TryFindSystemTimeZoneById(declaration.TimeZone, out var zone)
            ? zone
            : TimeZoneInfo.Utc;
    }

    private static KpiPeriod PeriodOf(DateOnly firstDay, DateOnly lastDay, TimeZoneInfo zone)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lastDay, firstDay);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            lastDay.DayNumber - firstDay.DayNumber, KpiReport.MaxDays - 1, nameof(lastDay));
        return new KpiPeriod(firstDay, lastDay.AddDays(1), zone);
    }
}
