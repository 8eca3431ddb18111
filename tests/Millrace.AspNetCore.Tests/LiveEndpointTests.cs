using System.Net;
using System.Reflection;
using System.Text.Json;
using Millrace.AspNetCore.Tests.Access;

namespace Millrace.AspNetCore.Tests;

/// <summary>Tests that changes are pushed to operators.</summary>
public sealed class LiveEndpointTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task The_first_event_has_everything_and_later_ones_have_the_changes()
    {
        await using var app = await OperatorsApp.Start();
        using var ending = new CancellationTokenSource(WaitTimeout);
        using var response = await app.Client.GetAsync(
            "/millrace/live", HttpCompletionOption.ResponseHeadersRead, ending.Token);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ending.Token));

        var first = await NextChange(reader, ending.Token);
        await app.Add();
        var second = await NextChange(reader, ending.Token);
        while (second.GetProperty("position").GetInt64() == 0)
            second = await NextChange(reader, ending.Token);

        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
        Assert.Equal(0, first.GetProperty("position").GetInt64());
        Assert.Equal(0, first.GetProperty("deadLetters").GetInt64());
        Assert.NotEmpty(first.GetProperty("consumers").EnumerateArray());
        Assert.Equal(1, second.GetProperty("position").GetInt64());
    }

    [Fact]
    public async Task A_caller_gets_only_what_the_permissions_allow()
    {
        await using var app = await GuardedLibrary.Start();
        using var ending = new CancellationTokenSource(WaitTimeout);
        using var response = await app.Get("opa:operator", "/millrace/live");
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(ending.Token));

        var first = await NextChange(reader, ending.Token);

        Assert.NotEmpty(first.GetProperty("consumers").EnumerateArray());
        Assert.False(first.TryGetProperty("deadLetters", out _));
        Assert.Equal((403, "operate overview"), await (await app.Get("gil:guest", "/millrace/live")).Denial());
    }

    [Fact]
    public async Task The_actions_of_the_caller_and_the_health_are_reported()
    {
        await using var app = await GuardedLibrary.Start();

        var caller = await (await app.Get("opa:operator", "/millrace")).Json();
        var health = await (await app.Get("opa:operator", "/millrace/health")).Json();

        Assert.Equal(
            ["overview", "consumers", "timers", "access"],
            caller.GetProperty("actions").EnumerateArray().Select(action => action.GetString()));
        Assert.Equal("healthy", health.GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_caller_with_every_permission_gets_every_action()
    {
        await using var app = await GuardedLibrary.Start();
        var names = typeof(OperatorActions).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(static field => (string)field.GetRawConstantValue()!)
            .Except([OperatorActions.DecideSuffix, OperatorActions.PersonalData])
            .SelectMany(static name => new[] { name, name + OperatorActions.DecideSuffix });

        var caller = await (await app.Get("cho:chief", "/millrace")).Json();

        Assert.Equal(
            names.Append(OperatorActions.PersonalData).Order(StringComparer.Ordinal),
            caller.GetProperty("actions").EnumerateArray().Select(static action => action.GetString())
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_parts_are_those_that_the_application_has()
    {
        await using var plain = await OperatorsApp.Start();
        await using var app = await OperatorsApp.Start(millrace: millrace => millrace.UseMonitor().UseAlerts());

        var parts = await PartsOf(plain);

        Assert.Equal(
            [
                "consumers", "dead-letters", "explanations", "overview", "processes", "projections", "schedules",
                "settings", "timers", "transports",
            ],
            parts);
        Assert.Equal(["alerts", "metrics"], (await PartsOf(app)).Except(parts));
    }

    [Fact]
    public async Task An_anonymous_caller_gets_nothing()
    {
        await using var app = await OperatorsApp.Start(user: null);

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Client.GetAsync("/millrace/live")).StatusCode);
    }

    private static async Task<IReadOnlyList<string?>> PartsOf(LibraryApp app) =>
    [
        .. (await (await app.Client.GetAsync("/millrace")).Json()).GetProperty("parts").EnumerateArray()
            .Select(static part => part.GetString()),
    ];

    private static async Task<JsonElement> NextChange(StreamReader reader, CancellationToken cancellationToken)
    {
        const string Data = "data: ";
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            if (line.StartsWith(Data, StringComparison.Ordinal))
                return JsonElement.Parse(line[Data.Length..]);
        }
        throw new InvalidOperationException("The server ended the response.");
    }
}
