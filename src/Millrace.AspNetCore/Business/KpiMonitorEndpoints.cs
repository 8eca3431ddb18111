using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Millrace.AspNetCore.Binding;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Business;

/// <summary>
/// The HTTP endpoints for anomalies of business figures and for reports, if the application has added the monitor.
/// </summary>
internal sealed class KpiMonitorEndpoints(ILogger logger)
{
    private const string DayFormat = "yyyy-MM-dd";

    private static readonly OperatorParameter[] PeriodParameters =
    [
        new("week", typeof(string), "The week, such as 2011-W49; the last one by default."),
        new("from", typeof(DateOnly), "Instead of the week: the first day."),
        new("to", typeof(DateOnly), "Instead of the week: the last day, at most 366 days."),
    ];

    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(KpiMonitor)))
            return;
        var endpoints = new KpiMonitorEndpoints(
            routes.Services.GetRequiredService<ILoggerFactory>().CreateLogger<KpiMonitorEndpoints>());
        routes.MapRead("/kpis/anomalies", ListAnomalies, new(
            "Returns the anomalies of business figures with their explanations, the newest hours first.")
        {
            Answer = typeof(IReadOnlyList<KpiAnomaly>),
            Query =
            [
                new("kpi", typeof(string), "The name of a figure; all by default."),
                new("from", typeof(DateTimeOffset), "The start; none by default."),
                new("to", typeof(DateTimeOffset), "The end; none by default."),
                new("limit", typeof(int), "The maximum number of anomalies, 100 by default."),
            ],
        });
        routes.MapRead("/kpis/report", ShowReport, new("Returns the report about a week, or about several days.")
        {
            Answer = typeof(KpiReport),
            Query = [.. PeriodParameters, new("format", typeof(string), "html for a page; JSON by default.")],
        });
        routes.Decide(HttpMethods.Post, "/kpis/report/send", endpoints.Send, new(
            "Requests a report, which the acting node sends to the channels for reports within its interval.")
        {
            Answer = typeof(SentReportView),
            Status = StatusCodes.Status202Accepted,
            Body = typeof(SendReportRequest),
            Conflict = "The application has no channels for reports, or another report is being sent.",
        });
    }

    private static KpiMonitor MonitorOf(HttpContext http) => http.RequestServices.GetRequiredService<KpiMonitor>();

    private static async Task ListAnomalies(HttpContext http)
    {
        var query = new KpiAnomalyQuery
        {
            Kpi = OperatorRequest.Query(http, "kpi"),
            From = OperatorRequest.QueryTime(http, "from"),
            To = OperatorRequest.QueryTime(http, "to"),
            Limit = (int)OperatorRequest.Number(http, "limit", 100, 1, KpiMonitor.MaxAnomalies),
        };
        var anomalies = await MonitorOf(http).ReadAnomalies(query, http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, anomalies, OperatorJson.Default.IReadOnlyListKpiAnomaly).ConfigureAwait(false);
    }

    private static async Task ShowReport(HttpContext http)
    {
        var format = OperatorRequest.Query(http, "format");
        if (format is not (null or "json" or "html"))
            throw OperatorRequest.Bad("format", "It must be 'json' or 'html'.");
        var (first, last) = await Period(
            http,
            OperatorRequest.Query(http, "week"),
            OperatorRequest.Query(http, "from"),
            OperatorRequest.Query(http, "to")).ConfigureAwait(false);
        var report = await MonitorOf(http).CreateReport(first, last, http.RequestAborted).ConfigureAwait(false);
        if (format != "html")
        {
            await OperatorResponse.Write(http, report, OperatorJson.Default.KpiReport).ConfigureAwait(false);
            return;
        }
        await OperatorResponse.WritePage(http, report.ToHtml()).ConfigureAwait(false);
    }

    private async Task Send(HttpContext http)
    {
        var body = await JsonBody.Read(http).ConfigureAwait(false);
        var (first, last) = await Period(
            http,
            OperatorRequest.Text(body, "week"),
            OperatorRequest.Text(body, "from"),
            OperatorRequest.Text(body, "to")).ConfigureAwait(false);
        OperatorLog.Asked(
            logger, http, "send the report about", first.ToString(DayFormat, CultureInfo.InvariantCulture));
        var id = await MonitorOf(http)
            .RequestReport(first, last, OperatorRequest.Caller(http), http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, new SentReportView(id), OperatorJson.Default.SentReportView, StatusCodes.Status202Accepted)
            .ConfigureAwait(false);
    }

    private static async Task<(DateOnly First, DateOnly Last)> Period(
        HttpContext http, string? week, string? from, string? to)
    {
        if (from is null && to is null)
        {
            var found = week is not { Length: > 0 }
                ? await MonitorOf(http).FindLastWeek(http.RequestAborted).ConfigureAwait(false)
                : KpiWeek.TryParse(week, out var parsed) ? parsed
                : throw OperatorRequest.Bad("week", "It must be a week, such as 2011-W49.");
            return (found.Monday, found.Monday.AddDays(6));
        }
        if (week is { Length: > 0 })
            throw OperatorRequest.Bad("week", "It cannot be combined with 'from' and 'to'.");
        var (first, last) = (Day("from", from), Day("to", to));
        return first <= last && last.DayNumber - first.DayNumber < KpiReport.MaxDays
            ? (first, last)
            : throw OperatorRequest.Bad("to", $"It must be at most {KpiReport.MaxDays - 1} days after the first day.");
    }

    private static DateOnly Day(string name, string? text) =>
        DateOnly.TryParseExact(text, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
        && day.Year is >= KpiReport.MinYear and <= KpiReport.MaxYear
            ? day
            : throw OperatorRequest.Bad(
                name, $"It must be a day from {KpiReport.MinYear} to {KpiReport.MaxYear}, such as 2011-12-05.");
}
