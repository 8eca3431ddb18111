using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Millrace.Testing;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that operators can see recoveries and run actions over HTTP.</summary>
public sealed class RecoveryEndpointTests
{
    private const string Root = "/millrace/recovery";
    private const string Restart = $"{Root}/actions/restart-consumer";

    [Fact]
    public async Task An_operator_plans_and_runs_an_action()
    {
        await using var app = await Start();
        await WaitForActions(app);
        var plan = await (await app.Client.PostAsJsonAsync(
            $"{Restart}/plan", new { subject = "reader-loans@1" })).Json();
        using var response = await app.Client.PostAsJsonAsync($"{Restart}/run", new { subject = "reader-loans@1" });
        var requested = await response.Json();
        var history = await Eventually.Get(
            async () => await (await app.Client.GetAsync($"{Root}/history?limit=10")).Json(),
            steps => steps.EnumerateArray().Any(step => step.GetProperty("kind").GetString() == "succeeded"));

        Assert.Contains("reader-loans@1", plan.GetProperty("facts")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Equal(
            ("Requested", "ada"),
            (requested.GetProperty("state").GetString(), requested.GetProperty("by").GetString()));
        Assert.All(history.EnumerateArray(), step => Assert.Equal(
            requested.GetProperty("id").GetString(), step.GetProperty("case").GetString()));
        using var restarted = await app.Client.PostAsync("/millrace/consumers/reader-loans@1/restart", null);
        Assert.Equal(HttpStatusCode.OK, restarted.StatusCode);
    }

    [Fact]
    public async Task Unknown_actions_and_subjects_are_not_found()
    {
        await using var app = await Start();
        await WaitForActions(app);
        using var unknown = await app.Client.PostAsync($"{Root}/actions/dance/run", null);
        using var nobody = await app.Client.PostAsJsonAsync($"{Restart}/run", new { subject = "nobody" });
        using var empty = await app.Client.PostAsJsonAsync($"{Restart}/run", new { subject = "" });

        Assert.Equal((404, "not-found"), await unknown.Problem());
        Assert.Equal((404, "not-found"), await nobody.Problem());
        Assert.Equal((400, "malformed-request"), await empty.Problem());
    }

    [Fact]
    public async Task A_plan_needs_no_permission_to_decide()
    {
        await using var app = await Start(allowDecisions: false);
        await WaitForActions(app);
        using var plan = await app.Client.PostAsJsonAsync(
            $"{Restart}/plan", new { subject = "reader-loans@1" });
        using var run = await app.Client.PostAsJsonAsync($"{Restart}/run", new { subject = "reader-loans@1" });
        var cases = await (await app.Client.GetAsync($"{Root}/cases")).Json();

        Assert.Equal(HttpStatusCode.OK, plan.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, run.StatusCode);
        Assert.Equal(0, cases.GetArrayLength());
    }

    private static Task<LibraryApp> Start(bool allowDecisions = true) => OperatorsApp.Start(
        allowDecisions, millrace => millrace.UseRecovery(options => options.Interval = TimeSpan.FromSeconds(1)));

    private static Task<JsonElement> WaitForActions(LibraryApp app) => Eventually.Get(
        async () => await (await app.Client.GetAsync($"{Root}/actions")).Json(),
        info => info.GetProperty("actions").GetArrayLength() == 2);
}
