using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators read business figures over HTTP.</summary>
public sealed class KpiEndpointTests
{
    private const string Root = "/millrace/kpis";

    [Fact]
    public async Task An_operator_lists_and_reads_figures()
    {
        await using var app = await Start();
        await app.Add(copies: 3);
        await app.Add(copies: 4);

        var series = await Eventually.Get(
            () => app.Client.GetFromJsonAsync<JsonElement>(Root + "/copies?step=hour&weeks=2"),
            all => all[0].GetProperty("total").GetProperty("count").GetInt64() == 2);
        var titles = await app.Client.GetFromJsonAsync<JsonElement>(Root + "/copies?by=title&step=month");
        var list = await app.Client.GetFromJsonAsync<JsonElement>(Root);

        Assert.Equal(7, series[0].GetProperty("total").GetProperty("value").GetDecimal());
        Assert.Equal("Emma", titles[0].GetProperty("member").GetString());
        Assert.Equal(("copies", "sum", "books"), (
            list[0].GetProperty("name").GetString(),
            list[0].GetProperty("kind").GetString(),
            list[0].GetProperty("unit").GetString()));
        Assert.True(list[0].TryGetProperty("first", out _));
    }

    [Fact]
    public async Task Unknown_figures_and_invalid_queries_are_refused()
    {
        await using var app = await Start();

        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "/none")).Problem());
        Assert.Equal((404, "not-found"), await (await app.Client.GetAsync(Root + "/copies?by=none")).Problem());
        foreach (var query in (string[])
            ["step=year", "from=x", "from=2026-01-02&to=2026-01-01", "member=a", "weeks=53", "from=0001-01-01"])
        {
            var refused = await app.Client.GetAsync($"{Root}/copies?{query}");
            Assert.Equal((400, "malformed-request"), await refused.Problem());
        }
        var large = await app.Client.GetAsync($"{Root}/copies?step=hour&from=1500-01-01");
        Assert.Equal((413, "limit-exceeded"), await large.Problem());
    }

    [Fact]
    public async Task Without_figures_there_is_no_route_and_only_operators_may_read()
    {
        await using var plain = await OperatorsApp.Start();
        await using var app = await Start(user: "bob");

        Assert.Equal(HttpStatusCode.NotFound, (await plain.Client.GetAsync(Root)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await app.Client.GetAsync(Root)).StatusCode);
    }

    private static Task<LibraryApp> Start(string user = "ada") => OperatorsApp.Start(
        millrace: static millrace => millrace.AddModel(static model => model.Kpi(new KpiDefinition
        {
            Name = "copies",
            Unit = "books",
            Dimensions = ["title"],
            Events = [typeof(BookAdded)],
            Measure = static (recorded, values) =>
            {
                if (recorded.Data is BookAdded added)
                    values.Add(KpiValue.Of(added.Copies).By("title", added.Title));
            },
        })),
        user: user);
}
