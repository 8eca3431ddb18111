using System.Text.Json.Serialization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Sqlite;
using Millrace.Testing;

namespace Millrace.Cli.Tests;

public sealed record Sold(string Day, int Total);

public sealed record DaySales(string Day, int Total);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Sold))]
[JsonSerializable(typeof(DaySales))]
internal sealed partial class SalesJson : JsonSerializerContext;

/// <summary>
/// Folds the sales of a day, multiplied by a rate. A changed build of the application has another rate.
/// </summary>
public sealed class SalesProjection(int rate) : Projection<string, DaySales>
{
    protected override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
        keys.Add(((Sold)recorded.Data).Day);

    protected override DaySales? Fold(string key, DaySales? document, RecordedEvent recorded) =>
        new(key, (document?.Total ?? 0) + (rate * ((Sold)recorded.Data).Total));
}

/// <summary>Tests rebuilds that the tool requests and a running application carries out.</summary>
public sealed class RebuildTests : IDisposable
{
    private readonly Tool _tool = new();
    private int _rate = 1;

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task A_read_model_is_rebuilt_compared_switched_back_and_dropped_while_the_application_runs()
    {
        using var application = await Start();
        var before = await Sell(application);
        _rate = 2; // The next build folds with this rate.

        var built = await _tool.RunOk("projections", "rebuild", "sales", "--beside", "--no-switch", "--json");
        var compared = await _tool.Run("projections", "compare", "sales", "--json");
        var shown = await _tool.Run("projections", "compare", "sales", "--examples", "1");
        var listed = await _tool.RunOk("projections", "--json");
        await _tool.RunOk("projections", "switch", "sales");
        var after = await Read(application, "monday", expected: 10);
        var back = await _tool.RunOk("projections", "back", "sales", "--json");
        var again = await Read(application, "monday", expected: 5);
        await _tool.RunOk("projections", "drop", "sales");
        await _tool.RunUntil(["projections", "--json"], run => run.Json.GetArrayLength() == 1);
        var missing = await _tool.Run("projections", "drop", "sales");

        Assert.Equal("sales@1.2", built.Json.GetProperty("projection").GetString());
        Assert.Equal(1, compared.ExitCode);
        Assert.Equal(2, compared.Json.GetProperty("changed").GetInt32());
        var field = compared.Json.GetProperty("examples")[0].GetProperty("fields")[0];
        Assert.Equal(
            ("total", "5", "10"),
            (
                field.GetProperty("path").GetString(),
                field.GetProperty("before").GetString(),
                field.GetProperty("after").GetString()));
        Assert.Contains(
            "sales@1 -> sales@1.2: 0 the same, 0 added, 2 changed, 0 gone.", shown.Output, StringComparison.Ordinal);
        Assert.Contains("total: 5 -> 10", shown.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["live", "building"],
            listed.Json.EnumerateArray().Select(item => item.GetProperty("role").GetString()));
        Assert.Equal((5, 10, 5), (before, after, again));
        Assert.Equal("sales@1", back.Json.GetProperty("projection").GetString());
        Assert.Equal(3, missing.ExitCode);
        await application.StopAsync();
    }

    [Fact]
    public async Task A_rebuild_that_is_not_possible_is_refused_with_the_reason()
    {
        using var application = await Start();
        // Wait until the application has registered the projection.
        await _tool.RunUntil(["projections", "--json"], run => run.Json.GetArrayLength() == 1);

        var unknown = await _tool.Run("projections", "rebuild", "mail", "--beside");
        var tooEarly = await _tool.Run("projections", "switch", "sales");
        var invalid = await _tool.Run("projections", "rebuild", "sales", "--no-switch");

        Assert.Equal((1, 1, 2), (unknown.ExitCode, tooEarly.ExitCode, invalid.ExitCode));
        Assert.Contains(
            "Only asynchronous projections can be rebuilt beside",
            unknown.Error.ReplaceLineEndings(" "),
            StringComparison.Ordinal);
        Assert.Contains("no build is under way", tooEarly.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);
        await application.StopAsync();
    }

    [Fact]
    public async Task A_switch_that_waits_reports_the_reason()
    {
        using (var application = await Start())
        {
            await Sell(application);
            await _tool.RunOk("projections", "rebuild", "sales", "--beside", "--no-switch");
            await application.StopAsync();
        }
        await using (var store = await EventStore.Open(new SqliteStorage(_tool.Store), EventTypeMap.Empty))
        {
            var sold = NewEvent.FromBytes("till.sold", """{"day":"monday","total":1}"""u8.ToArray());
            for (var i = 0; i < 2_000; i += 500) // A switch does not start with this lag.
                await store.Append(new StreamId("till-1"), ExpectedVersion.Any, [.. Enumerable.Repeat(sold, 500)]);
        }

        using var limit = new CancellationTokenSource(Tool.Limit);
        using var switching = _tool.Start("projections", "switch", "sales");
        var output = "";
        while (!output.Contains(
                "Waiting up to 30 s: what takes over must be near the end of the log", StringComparison.Ordinal))
            output +=
                " "
                + (
                    await switching.StandardError.ReadLineAsync(limit.Token)
                    ?? throw new InvalidOperationException($"The tool printed: {output}"));
        switching.Kill();
        await switching.WaitForExitAsync(limit.Token);
    }

    [Fact]
    public async Task The_tool_rebuilds_a_read_model_without_the_application()
    {
        const string Registered = """
            {"customer":"0192f0c1-2345-7890-abcd-ef0123456789","username":"ada","email":"ada@example.org",
            "occurredAt":"2026-01-01T00:00:00Z"}
            """;
        await _tool.Append("customer-0192f0c1-2345-7890-abcd-ef0123456789", "customer.registered", Registered);
        string[] rebuild =
        [
            "projections",
            "rebuild",
            "customers",
            "--beside",
            "--build",
            Tool.ProgramFile("Commerce"),
            "--json",
        ];

        var first = await _tool.RunOk(rebuild);
        var second = await _tool.RunOk([.. rebuild, "--no-switch"]);
        var compared = await _tool.RunOk("projections", "compare", "customers", "--json");
        await _tool.RunOk("projections", "switch", "customers");
        var listed = await _tool.RunOk("projections", "--json");
        var consumers = await _tool.RunOk("consumers", "--json");
        var invalid = await _tool.Run("projections", "rebuild", "customers", "--build", Tool.ProgramFile("Commerce"));
        var unknown = await _tool.Run(
            "projections", "rebuild", "mail", "--beside", "--build", Tool.ProgramFile("Commerce"));

        Assert.Equal("customers@3.2", first.Json.GetProperty("projection").GetString());
        Assert.Equal("customers@3.3", second.Json.GetProperty("projection").GetString());
        Assert.Equal(1, compared.Json.GetProperty("same").GetInt32());
        Assert.Equal(
            ["customers@3.2 kept", "customers@3.3 live"],
            listed.Json.EnumerateArray().Select(item =>
                $"{item.GetProperty("projection")} {item.GetProperty("role")}"));
        Assert.All(consumers.Json.EnumerateArray(), item => Assert.StartsWith(
            "customers@3", item.GetProperty("consumer").GetString(), StringComparison.Ordinal));
        Assert.Equal((2, 3), (invalid.ExitCode, unknown.ExitCode));
        Assert.Contains("products", unknown.Error, StringComparison.Ordinal);
    }

    private static async Task<int> Sell(IHost application)
    {
        var store = application.Services.GetRequiredService<EventStore>();
        object[] sold = [new Sold("monday", 2), new Sold("tuesday", 4), new Sold("monday", 3)];
        await store.Append(new StreamId("till-1"), ExpectedVersion.Any, sold);
        return await Read(application, "monday", expected: 5);
    }

    /// <summary>Waits for the expected total, because the application notices the switch at its next check.</summary>
    private static async Task<int> Read(IHost application, string day, int expected)
    {
        var token = await application.Services.GetRequiredService<EventStore>().GetToken();
        var model = application.Services.GetRequiredService<IReadModel<string, DaySales>>();
        return await Eventually.Get(
            async () => (await model.Get(day, token)).Value?.Total ?? 0, total => total == expected);
    }

    private async Task<IHost> Start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => new SqliteStorage(_tool.Store))
            .ConfigureConsumers(consumers => consumers.LookEvery = TimeSpan.FromMilliseconds(20))
            .AddModel(model => model
                .Event("till.sold", 1, SalesJson.Default.Sold)
                .Projection(new ProjectionDefinition<string, DaySales>
                {
                    Name = "sales",
                    Events = [typeof(Sold)],
                    Create = () => new SalesProjection(_rate),
                    Document = SalesJson.Default.DaySales,
                })));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
