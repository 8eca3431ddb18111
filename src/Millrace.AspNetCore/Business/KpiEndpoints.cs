using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Millrace.AspNetCore.Operators;

namespace Millrace.AspNetCore.Business;

/// <summary>The HTTP endpoints for business figures, if the model declares some.</summary>
internal static class KpiEndpoints
{
    private const int DefaultMembers = 20;
    private const int MaxMembers = 1_000;
    private const int FirstYear = 1000;
    private const int LastYear = 9000;

    private static readonly TimeSpan DefaultRange = TimeSpan.FromDays(30);

    private static readonly OperatorParameter[] QueryParameters =
    [
        new("from", typeof(DateTimeOffset), "The start; 30 days before the end by default."),
        new("to", typeof(DateTimeOffset), "The end; now by default."),
        new("step", typeof(string), "The length of a point: hour, day, week or month; day by default."),
        new("by", typeof(string), "A dimension, such as country. The answer has a series for each member."),
        new("member", typeof(string), "The only member of the dimension; all by default."),
        new("members", typeof(long), "The maximum number of members; 20 by default."),
        new("weeks", typeof(long), "The number of earlier weeks to compare with, to 52; none by default."),
    ];

    public static void Map(OperatorRoutes routes)
    {
        if (RegisteredModel.Of(routes.Services).Kpis.Count == 0)
            return;
        routes.MapRead(
            "/kpis",
            List,
            new("Lists the business figures with their first and last hour.")
            {
                Answer = typeof(IReadOnlyList<KpiInfo>),
            });
        routes.MapRead(
            "/kpis/{kpi}",
            Show,
            new("Returns a business figure over time, for the whole or for the members of a dimension.")
            {
                Answer = typeof(IReadOnlyList<KpiSeries>),
                Query = QueryParameters,
            });
    }

    private static async Task List(HttpContext http)
    {
        var all = await KpisOf(http).List(http.RequestAborted).ConfigureAwait(false);
        await OperatorResponse.Write(http, all, OperatorJson.Default.IReadOnlyListKpiInfo).ConfigureAwait(false);
    }

    private static async Task Show(HttpContext http)
    {
        var query = QueryOf(http);
        IReadOnlyList<KpiSeries> series = query is { Dimension: not null, Member: null }
            ? await KpisOf(http).ReadMembers(query, http.RequestAborted).ConfigureAwait(false)
            : [await KpisOf(http).Read(query, http.RequestAborted).ConfigureAwait(false)];
        await OperatorResponse.Write(http, series, OperatorJson.Default.IReadOnlyListKpiSeries).ConfigureAwait(false);
    }

    private static Kpis KpisOf(HttpContext http) => http.RequestServices.GetRequiredService<Kpis>();

    private static KpiQuery QueryOf(HttpContext http)
    {
        var time = http.RequestServices.GetRequiredService<TimeProvider>();
        var to = TimeOf(http, "to") ?? time.GetUtcNow();
        var from = TimeOf(http, "from") ?? to - DefaultRange;
        if (from >= to)
            throw OperatorRequest.Bad("from", "It must be before the end.");
        var (dimension, member) = (OperatorRequest.Query(http, "by"), OperatorRequest.Query(http, "member"));
        if (member is not null && dimension is null)
            throw OperatorRequest.Bad("member", "Set 'by' to its dimension.");
        return new KpiQuery
        {
            Name = OperatorRequest.Name(http, "kpi"),
            From = from,
            To = to,
            Step = StepOf(http),
            Dimension = dimension,
            Member = member,
            MaxMembers = (int)OperatorRequest.Number(http, "members", DefaultMembers, 1, MaxMembers),
            Weeks = (int)OperatorRequest.Number(http, "weeks", 0, 0, Kpis.MaxWeeks),
        };
    }

    private static DateTimeOffset? TimeOf(HttpContext http, string name) =>
        OperatorRequest.QueryTime(http, name) switch
        {
            { Year: < FirstYear or > LastYear } =>
                throw OperatorRequest.Bad(name, $"The year must be from {FirstYear} to {LastYear}."),
            var time => time,
        };

    private static KpiStep StepOf(HttpContext http) => OperatorRequest.Query(http, "step") switch
    {
        null or "" or "day" => KpiStep.Day,
        "hour" => KpiStep.Hour,
        "week" => KpiStep.Week,
        "month" => KpiStep.Month,
        _ => throw OperatorRequest.Bad("step", "It must be hour, day, week or month."),
    };
}
