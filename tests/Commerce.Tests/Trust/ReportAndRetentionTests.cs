using System.Net;
using System.Text.Json.Nodes;

namespace Commerce.Tests.Trust;

/// <summary>Tests that an auditor reads the reports and the plan of the retention, and other roles do not.</summary>
public sealed class ReportAndRetentionTests(RunningShop shop) : IClassFixture<RunningShop>, IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = shop.Http.BaseAddress };

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task The_plan_names_every_policy_and_removes_nothing_that_is_young()
    {
        await shop.GivenOrder(await shop.GivenProduct());
        await Staff.SignIn(_http, _http.BaseAddress!, "auditor");

        var plan = JsonNode.Parse(await _http.GetStringAsync("/millrace/retention/plan"))!;

        var results = plan["results"]!.AsArray();
        Assert.Equal(
            [
                "category customer: erase personal data after 3 years",
                "category order: delete after 30 days",
            ],
            results.Select(result => result!["policy"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.All(results, result => Assert.Equal(0, result!["events"]!.GetValue<long>()));
        Assert.All(results, result => Assert.Null(result!["warning"]));
    }

    [Theory]
    [InlineData("gdpr", "The mill shop")]
    [InlineData("gdpr", "their read models until a rebuild")]
    [InlineData("sox", "payment")]
    [InlineData("retention", "30 days")]
    public async Task An_auditor_reads_a_report_and_a_clerk_does_not(string kind, string expected)
    {
        await Staff.SignIn(_http, _http.BaseAddress!, "auditor");
        var page = await _http.GetStringAsync($"/millrace/reports/{kind}?format=html");
        await Staff.SignIn(_http, _http.BaseAddress!, "clerk");
        using var denied = await _http.GetAsync($"/millrace/reports/{kind}");
        using var plan = await _http.GetAsync("/millrace/retention/plan");

        Assert.Contains(expected, page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, denied.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, plan.StatusCode);
    }
}
