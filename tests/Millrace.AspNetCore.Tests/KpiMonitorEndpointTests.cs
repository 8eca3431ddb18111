using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators read anomalies and reports of business figures over HTTP.</summary>
public sealed class KpiMonitorEndpointTests
{
    private const string Root = "/millrace/kpis";

    [Fact]
    public async Task An_operator_reads_a_report_as_JSON_and_as_a_page()
    {
        await using var app = await Start();
        await app.Add(copies: 30);
        var today = DateTime.UtcNow.Date;
        var days = $"from={today.AddDays(-2):yyyy-MM-dd}&to={today:yyyy-MM-dd}";

        var report = await Eventually.Get(
            () => app.Client.GetFromJsonAsync<JsonElement>($"{Root}/report?{days}"),
            one => one.GetProperty("figures")[0].GetProperty("events").GetInt64() == 1);
        using var page = await app.Client.GetAsync($"{Root}/report?week=2011-W49&format=html");
        var html = await page.Content.ReadAsStringAsync();
        using var last = await app.Client.GetAsync($"{Root}/report");

        Assert.Equal(30, report.GetProperty("figures")[0].GetProperty("value").GetDecimal());
        Assert.False(report.TryGetProperty("week", out _));
        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("Week 49 of 2011", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", page.Headers.GetValues("Content-Security-Policy").Single(),
            StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, last.StatusCode);
    }

    [Fact]
    public async Task Anomalies_are_listed_and_invalid_requests_are_refused()
    {
        await using var app = await Start();

        var anomalies = await app.Client.GetFromJsonAsync<JsonElement>($"{Root}/anomalies?kpi=copies&limit=5");

        Assert.Equal(0, anomalies.GetArrayLength());
        foreach (var path in (string[])
            [
                "anomalies?limit=0", "anomalies?from=x", "report?week=2011-W54", "report?format=pdf",
                "report?from=2011-01-01", "report?from=2011-01-02&to=2011-01-01",
                "report?from=2011-01-01&to=2012-01-02",
                "report?week=2011-W49&from=2011-01-01&to=2011-01-02",
            ])
        {
            using var refused = await app.Client.GetAsync($"{Root}/{path}");
            Assert.Equal((400, "malformed-request"), await refused.Problem());
        }
    }

    [Fact]
    public async Task A_report_is_sent_on_request_by_those_who_may_decide()
    {
        var channel = new ReportChannel();
        await using var app = await Start(channel: channel);
        await using var reader = await Start(allowDecisions: false);

        using var response = await Eventually.Get(
            () => app.Client.PostAsJsonAsync($"{Root}/report/send", new { week = "2011-W49" }),
            static one => one.StatusCode == HttpStatusCode.Accepted);
        var id = (await response.Json()).GetProperty("id").GetString();
        using var refused = await reader.Client.PostAsJsonAsync($"{Root}/report/send", new { week = "2011-W49" });
        using var invalid = await app.Client.PostAsJsonAsync($"{Root}/report/send", new { week = "W49" });

        Assert.Equal(id, (await channel.Sent.Task.WaitAsync(TimeSpan.FromMinutes(1))).Id);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal((400, "malformed-request"), await invalid.Problem());
    }

    [Fact]
    public async Task Without_channels_a_request_is_a_conflict()
    {
        await using var app = await Start();
        using var refused = await app.Client.PostAsync($"{Root}/report/send", null);

        Assert.Equal((409, "conflict"), await refused.Problem());
    }

    private static Task<LibraryApp> Start(bool allowDecisions = true, ReportChannel? channel = null) =>
        OperatorsApp.Start(
            allowDecisions,
            millrace =>
            {
                millrace.AddModel(static model => model.Kpi(new KpiDefinition
                {
                    Name = "copies",
                    Events = [typeof(BookAdded)],
                    Measure = static (recorded, values) =>
                    {
                        if (recorded.Data is BookAdded added)
                            values.Add(KpiValue.Of(added.Copies));
                    },
                }));
                if (channel is not null)
                    millrace.Services.AddSingleton<INotificationChannel>(channel);
                millrace.UseKpiMonitor(options =>
                {
                    options.Interval = TimeSpan.FromSeconds(1);
                    options.ReportChannels = channel is null ? [] : [channel.Name];
                });
            });

    private sealed class ReportChannel : IReportChannel
    {
        public TaskCompletionSource<ReportMessage> Sent { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "office";

        public Task Send(ReportMessage report, CancellationToken cancellationToken)
        {
            Sent.TrySetResult(report);
            return Task.CompletedTask;
        }

        public Task Send(AlertNotice notice, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
