using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Metrics;

/// <summary>
/// The HTTP endpoints for the history of the performance monitor, if the application uses the monitor.
/// </summary>
internal static class MetricEndpoints
{
    private const long MinSeconds = 60;
    private const long MaxSeconds = 366 * 24 * 3_600;

    private static readonly TimeSpan DefaultRange = TimeSpan.FromHours(1);

    private static readonly OperatorParameter[] QueryParameters =
    [
        new("subject", typeof(string), "The only subject, such as a consumer; all by default."),
        new("node", typeof(string), "The only node; all by default."),
        new("from", typeof(DateTimeOffset), "The start; an hour before the end by default."),
        new("to", typeof(DateTimeOffset), "The end; now by default."),
        new(
            "resolution",
            typeof(long),
            "The shortest length of a point in seconds, from 60. By default, the finest resolution that is stored."),
    ];

    public static void Map(OperatorRoutes routes)
    {
        if (!routes.Services.GetRequiredService<IServiceProviderIsService>().IsService(typeof(MetricHistory)))
            return;
        routes.MapRead(
            "/metrics",
            List,
            new("Lists the metrics of the performance monitor with their newest samples.")
            {
                Answer = typeof(IReadOnlyList<MetricView>),
            });
        routes.MapRead(
            "/metrics/{metric}",
            Show,
            new($"Returns the history of a metric, with at most {MetricQuery.MaxPoints} points for each subject and "
                + "node.")
            {
                Answer = typeof(IReadOnlyList<MetricSeriesView>),
                Query = QueryParameters,
            });
    }

    private static MetricHistory HistoryOf(HttpContext http) =>
        http.RequestServices.GetRequiredService<MetricHistory>();

    private static async Task List(HttpContext http)
    {
        var samples = await HistoryOf(http).ReadLatest(http.RequestAborted).ConfigureAwait(false);
        var byMetric = samples.ToLookup(static sample => sample.Metric, StringComparer.Ordinal);
        IReadOnlyList<MetricView> all =
        [
            .. MonitorMetrics.All.Select(metric => new MetricView(
                metric.Name,
                metric.Unit,
                metric.Description,
                [
                    .. byMetric[metric.Name].Select(static sample =>
                        new MetricSampleView(sample.Subject, sample.Node, sample.Time, sample.Value)),
                ])),
        ];
        await OperatorResponse.Write(http, all, OperatorJson.Default.IReadOnlyListMetricView).ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var metric = OperatorRequest.Name(http, "metric");
        if (MonitorMetrics.Find(metric) is null)
        {
            var problem = new HttpProblem(404, "not-found", $"There is no metric '{metric}'.");
            await ProblemWriter.Write(http, problem).ConfigureAwait(false);
            return;
        }
        var series = await HistoryOf(http).Read(QueryOf(http, metric), http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse
            .Write(http, [.. series.Select(MetricSeriesView.Of)], OperatorJson.Default.IReadOnlyListMetricSeriesView)
            .ConfigureAwait(false);
    }

    private static MetricQuery QueryOf(HttpContext http, string metric)
    {
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        var to = OperatorRequest.QueryTime(http, "to") ?? time.GetUtcNow();
        var from = OperatorRequest.QueryTime(http, "from") ?? to - DefaultRange;
        if (from >= to)
            throw OperatorRequest.Bad("from", "It must be before the end.");
        var seconds = OperatorRequest.Number(http, "resolution", 0, MinSeconds, MaxSeconds);
        return new MetricQuery
        {
            Metric = metric,
            Subject = OperatorRequest.Query(http, "subject"),
            Node = OperatorRequest.Query(http, "node"),
            From = from,
            To = to,
            Resolution = seconds == 0 ? null : TimeSpan.FromSeconds(seconds),
        };
    }
}
