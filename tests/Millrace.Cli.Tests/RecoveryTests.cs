using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands for the recovery manager, with the faults of an application.</summary>
public sealed class RecoveryTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Faults_and_steps_are_shown_and_actions_run_on_the_application()
    {
        using var application = await StartApplication();
        var store = application.Services.GetRequiredService<EventStore>();
        await store.Append(new StreamId("pump-1"), ExpectedVersion.Any, [StoreFile.Event("pumped", "{}")]);
        await _tool.RunUntil(
            ["recovery", "list", "--json"],
            run => run.Json.EnumerateArray().Any(one => one.GetProperty("state").GetString() == "given-up"));

        var table = await _tool.RunOk("recovery");
        var actions = await _tool.RunOk("recovery", "actions", "--json");
        var text = await _tool.RunOk("recovery", "actions");
        var plan = await _tool.RunOk("recovery", "run", "restart-consumer", "pump", "--dry-run", "--json");
        var run = await _tool.RunOk(
            "recovery", "run", "restart-consumer", "pump", "--by", "kim", "--wait", "00:01:00", "--json");
        var history = await _tool.RunOk("recovery", "history", "--json");
        var missing = await _tool.Run("recovery", "run", "restart-consumer", "nobody");
        var unknown = await _tool.Run("recovery", "run", "dance");

        Assert.Contains("consumer-stuck", table.Output, StringComparison.Ordinal);
        Assert.Equal(2, actions.Json.GetProperty("actions").GetArrayLength());
        Assert.Contains("a person", text.Output, StringComparison.Ordinal);
        Assert.Equal("planned", plan.Json.GetProperty("outcome").GetString());
        Assert.Contains("Stalled", plan.Json.GetProperty("facts")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("succeeded", run.Json.GetProperty("outcome").GetString());
        Assert.Contains(
            history.Json.EnumerateArray(),
            step => step.GetProperty("kind").GetString() == "requested" && step.GetProperty("by").GetString() == "kim");
        Assert.Equal((3, 3), (missing.ExitCode, unknown.ExitCode));
        Assert.Contains("reconnect-broker, restart-consumer", unknown.Error, StringComparison.Ordinal);
        await application.StopAsync();
    }

    [Fact]
    public async Task Without_an_application_a_request_waits()
    {
        using (var application = await StartApplication())
        {
            await _tool.RunUntil(
                ["recovery", "actions", "--json"],
                run => run.Json.GetProperty("actions").GetArrayLength() > 0);
            await application.StopAsync();
        }

        var run = await _tool.RunOk("recovery", "run", "restart-consumer", "pump", "--wait", "00:00:00", "--json");
        var again = await _tool.Run("recovery", "run", "restart-consumer", "pump");
        var late = await _tool.Run("recovery", "run", "restart-consumer", "valve", "--wait", "00:00:01");

        Assert.Equal("requested", run.Json.GetProperty("outcome").GetString());
        Assert.Equal((4, 8), (again.ExitCode, late.ExitCode));
        Assert.Contains("has not ended yet", late.Output, StringComparison.Ordinal);
    }

    private async Task<IHost> StartApplication()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .AddConsumer(_ => ConsumerDefinition.Each(
                "pump",
                EventFilter.OfTypes("pumped"),
                static (_, cancellationToken) => new(Task.Delay(Timeout.Infinite, cancellationToken))))
            .AddConsumer(_ => ConsumerDefinition.Each(
                "valve", EventFilter.OfTypes("opened"), static (_, _) => default))
            .ConfigureConsumers(options => options.StallAfter = TimeSpan.FromSeconds(1))
            .UseRecovery(options =>
            {
                options.Interval = TimeSpan.FromSeconds(1);
                options.ChangeRule(RecoverySymptoms.ConsumerStuck, static rule =>
                    rule with { Actions = [], After = TimeSpan.Zero });
            }));
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }
}
