using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Testing;

namespace Millrace.Tests.Recovering;

/// <summary>Recoveries of an application whose consumers have real faults.</summary>
public sealed class RecoveryHostTests : IDisposable
{
    private const string Name = "pump";

    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task A_handler_that_hangs_is_restarted()
    {
        var calls = 0;
        using var host = HostOf(async (_, cancellationToken) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                await Task.Delay(Timeout.Infinite, cancellationToken);
        });
        await host.StartAsync();
        await Append(host);

        var steps = await WaitFor(host, "healed");
        Assert.Equal(["diagnosed", "started", "succeeded", "healed"], steps.Select(step => step.Kind));
        Assert.Equal(
            (RecoveryCause.ServiceUnavailable, RecoverySymptoms.ConsumerStuck, Name),
            (steps[0].Diagnosis!.Cause, steps[0].Diagnosis!.Symptom, steps[0].Subject));
        Assert.InRange(calls, 2, 4); // A slow machine may need a second restart.
        await host.StopAsync();
    }

    [Fact]
    public async Task A_handler_that_ignores_its_cancellation_is_replaced()
    {
        using var hangs = new SemaphoreSlim(0);
        var calls = 0;
        using var host = HostOf(async (_, _) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                await hangs.WaitAsync(CancellationToken.None);
        });
        await host.StartAsync();
        await Append(host);

        await WaitFor(host, "healed");
        Assert.InRange(calls, 2, 4); // A slow machine may need a second restart.
        hangs.Release();
        await host.StopAsync();
    }

    [Fact]
    public async Task A_fault_that_no_restart_repairs_goes_to_a_person()
    {
        using var host = HostOf((_, cancellationToken) => new(Task.Delay(Timeout.Infinite, cancellationToken)));
        await host.StartAsync();
        await Append(host);

        var steps = await WaitFor(host, "given-up");
        Assert.Equal(2, steps.Count(step => step.Kind == "started"));
        Assert.Contains("2 attempts have not helped.", steps[^1].Text, StringComparison.Ordinal);
        Assert.Contains("restart the node", steps[^1].Text, StringComparison.Ordinal);
        var known = Assert.Single(await host.Services.GetRequiredService<Recovery>().List());
        Assert.Equal((RecoveryState.GivenUp, Name), (known.State, known.Subject));
        await host.StopAsync();
    }

    [Fact]
    public async Task An_action_of_the_application_runs_by_a_rule_and_by_hand()
    {
        var action = new RecordingAction("add-node");
        using var host = HostOf(
            (_, cancellationToken) => new(Task.Delay(Timeout.Infinite, cancellationToken)),
            options => options.AddRule(new RecoveryRule
            {
                Name = "scale",
                When = static fault => fault.Subject == Name,
                Actions = [action.Name],
                After = TimeSpan.Zero,
                MaxAttempts = 1,
            }),
            action);
        await host.StartAsync();
        await Append(host);
        await WaitFor(host, "succeeded");
        var recovery = host.Services.GetRequiredService<Recovery>();
        var requested = await recovery.Run(action.Name, "pump-2", "kim");
        var ended = await recovery.WaitFor(requested.Id, TimeSpan.FromMinutes(1));

        Assert.Equal(("succeeded", "kim"), (ended!.Kind, ended.By));
        Assert.Equal([Name, "pump-2"], action.Attempts.Select(attempt => attempt.Subject));
        var info = await recovery.FindInfo();
        Assert.Equal(
            ["add-node", RecoveryCatalogue.ReconnectBroker, RecoveryCatalogue.RestartConsumer],
            info!.Actions.Select(one => one.Name));
        Assert.Equal("scale", info.Rules[0].Name);
        await host.StopAsync();
    }

    [Theory]
    [InlineData("Millrace:Recovery:Interval", "00:00:00", "Millrace:Recovery:Interval")]
    [InlineData("Millrace:Recovery:Intervall", "00:00:10", "Did you mean 'Interval'?")]
    public async Task The_host_does_not_start_with_a_wrong_setting(string key, string value, string problem)
    {
        using var host = HostOf((_, _) => default, settings: new() { [key] = value });
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_host_does_not_start_with_a_wrong_rule()
    {
        using var host = HostOf(
            (_, _) => default,
            options => options
                .ChangeRule("nothing", static rule => rule)
                .ChangeRule(
                    RecoverySymptoms.StoreSlow, static rule => rule with { Actions = ["dance"], MaxAttempts = 0 }));
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());
        Assert.Contains("Rules:nothing: there is no such rule", refused.Message, StringComparison.Ordinal);
        Assert.Contains("there is no action 'dance'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Rules:store-slow:maxAttempts", refused.Message, StringComparison.Ordinal);
    }

    private IHost HostOf(
        ConsumerEventHandler handler,
        Action<RecoveryOptions>? configure = null,
        IRecoveryAction? action = null,
        Dictionary<string, string?>? settings = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_file.Path)
            .AddConsumer(_ => ConsumerDefinition.Each(Name, EventFilter.OfTypes("pumped"), handler))
            .ConfigureConsumers(options =>
            {
                options.LookEvery = TimeSpan.FromMilliseconds(50);
                options.StallAfter = TimeSpan.FromSeconds(1);
                options.StopTimeout = TimeSpan.FromMilliseconds(200);
            })
            .UseRecovery(options =>
            {
                options.Interval = TimeSpan.FromSeconds(1);
                options.ChangeRule(RecoverySymptoms.ConsumerStuck, static rule => rule with
                {
                    After = TimeSpan.Zero,
                    MaxAttempts = 2,
                    RetryDelay = TimeSpan.Zero,
                    VerifyWithin = TimeSpan.FromSeconds(2),
                    HealthyFor = TimeSpan.FromSeconds(1),
                });
                configure?.Invoke(options);
            }));
        if (action is not null)
            builder.Services.AddSingleton(action);
        return builder.Build();
    }

    private static Task<AppendResult> Append(IHost host) => host.Services.GetRequiredService<EventStore>().Append(
        new StreamId("pump-1"), ExpectedVersion.Any, [NewEvent.FromBytes("pumped", "{}"u8.ToArray())]);

    /// <summary>Waits for a kind of step, and returns all steps, oldest first.</summary>
    private static async Task<IReadOnlyList<RecoveryEntry>> WaitFor(IHost host, string kind)
    {
        var recovery = host.Services.GetRequiredService<Recovery>();
        var steps = await Eventually.Get(
            () => recovery.History(), steps => steps.Any(step => step.Kind == kind), TestNode.WaitTimeout);
        return [.. steps.Reverse()];
    }
}
