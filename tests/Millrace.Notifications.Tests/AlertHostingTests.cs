using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Alerting;

namespace Millrace.Notifications.Tests;

/// <summary>Alerts of an application.</summary>
public sealed class AlertHostingTests
{
    [Fact]
    public async Task Configuration_changes_single_members_of_rules()
    {
        using var host = HostOf(
            new()
            {
                ["Millrace:Alerts:Rules:memory:Threshold"] = "0.5",
                ["MILLRACE:ALERTS:RULES:MEMORY:RESOLVEAT"] = "0.4",
                ["Millrace:Alerts:Rules:mine:Metric"] = "event-rate",
                ["Millrace:Alerts:Rules:mine:Threshold"] = "1",
                ["Millrace:Alerts:Rules:mine:Condition"] = "below",
                ["Millrace:Alerts:Rules:mine:Escalations:0:After"] = "00:05:00",
                ["Millrace:Alerts:Rules:mine:Escalations:0:Channels"] = "hook",
                ["Millrace:Alerts:Channels"] = "log,hook",
                ["Millrace:Notifications:hook:Url"] = "http://127.0.0.1:9/",
            },
            alerts => alerts.AddWebhook("hook").Disable("cpu").Change("disk-free", rule =>
                rule with { Threshold = 0.05 }));
        await host.StartAsync();
        var rules = (await host.Services.GetRequiredService<Alerts>().ListRules())
            .ToDictionary(info => info.Rule.Name);
        Assert.Equal(
            (AlertRuleSource.Configuration, 0.5, TimeSpan.FromMinutes(5)),
            (rules["memory"].Source, rules["memory"].Rule.Threshold, rules["memory"].Rule.For));
        Assert.Equal(
            (AlertCondition.Below, TimeSpan.FromMinutes(1), true),
            (rules["mine"].Rule.Condition, rules["mine"].Rule.For, rules["mine"].Rule.IsEnabled));
        Assert.Equal("hook", Assert.Single(Assert.Single(rules["mine"].Rule.Escalations).Channels));
        Assert.Equal((false, AlertRuleSource.Code), (rules["cpu"].Rule.IsEnabled, rules["cpu"].Source));
        Assert.Equal(AlertRuleSource.Catalogue, rules["queue-depth"].Source);
        Assert.Equal(0.05, rules["disk-free"].Rule.Threshold);
        await host.StopAsync();
    }

    [Theory]
    [InlineData("Millrace:Alerts:Interval", "00:00:00", "Millrace:Alerts:Interval")]
    [InlineData("Millrace:Alerts:Channels", "pager", "there is no channel 'pager'")]
    [InlineData("Millrace:Alerts:Rules:memory:Treshold", "1", "Did you mean 'Threshold'?")]
    [InlineData("Millrace:Alerts:Rules:memory:ResolveAt", "2", "Millrace:Alerts:Rules:memory:resolveAt")]
    [InlineData("Millrace:Alerts:Rules:mine:Threshold", "2", "Millrace:Alerts:Rules:mine:metric: is missing")]
    public async Task The_host_does_not_start_with_a_problem(string key, string value, string problem)
    {
        using var host = HostOf(new() { [key] = value }, static _ => { });
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());
        Assert.Contains(problem, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_fires_on_the_values_that_the_monitor_measures()
    {
        var sent = new TaskCompletionSource<AlertNotice>(TaskCreationOptions.RunContinuationsAsynchronously);
        var channel = new RecordingChannel("first")
        {
            OnSend = (notice, _) =>
            {
                sent.TrySetResult(notice);
                return Task.CompletedTask;
            },
        };
        var settings = new Dictionary<string, string?>
        {
            ["Millrace:Alerts:Interval"] = "00:00:01",
            ["Millrace:Monitor:SampleInterval"] = "00:00:01",
        };
        using var host = HostOf(settings, alerts => alerts.AddChannel(_ => channel).Change("memory", rule => rule with
        {
            Threshold = 0,
            ResolveAt = null,
            For = TimeSpan.Zero,
            Channels = ["first"],
        }));
        await host.StartAsync();
        var item = Assert.Single((await sent.Task.WaitAsync(TimeSpan.FromSeconds(60))).Items);
        Assert.Equal(("memory", "memory-1"), (item.Metric, item.Alert));
        Assert.InRange(item.Value, 0.000_1, 1);
        await host.StopAsync();
    }

    [Fact]
    public async Task The_host_does_not_start_with_a_channel_that_is_not_valid()
    {
        using var host = HostOf(new(), static alerts => alerts.AddWebhook("hook", options => options.Secret = "short"));
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());
        Assert.Contains("Millrace:Notifications:hook:Url", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Millrace:Notifications:hook:Secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changed_rules_take_effect_and_invalid_ones_are_refused()
    {
        using var host = HostOf(new() { ["Millrace:Alerts:Rules:memory:Threshold"] = "0.85" }, static _ => { });
        await host.StartAsync();
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        var alerts = host.Services.GetRequiredService<Alerts>();

        (configuration["Millrace:Alerts:Rules:memory:Threshold"], configuration["Millrace:Alerts:Interval"]) =
            ("0.95", "00:00:20");
        configuration["Millrace:Alerts:Rules:mine:Metric"] = "event-rate";
        configuration["Millrace:Alerts:Rules:mine:Threshold"] = "1";
        configuration.Reload();
        var changed = (await alerts.ListRules()).ToDictionary(info => info.Rule.Name);
        configuration["Millrace:Alerts:Rules:memory:Threshold"] = "high";
        configuration.Reload();
        var kept = (await alerts.ListRules()).ToDictionary(info => info.Rule.Name);
        var problems = host.Services.GetRequiredService<MillraceConfiguration>().Problems;
        await host.StopAsync();

        Assert.Equal(0.95, changed["memory"].Rule.Threshold);
        Assert.Equal("event-rate", changed["mine"].Rule.Metric);
        Assert.Equal(TimeSpan.FromSeconds(20), host.Services.GetRequiredService<AlertSetup>().Options.Interval);
        Assert.Equal(0.95, kept["memory"].Rule.Threshold);
        Assert.Equal("Millrace:Alerts:Rules:memory:Threshold", Assert.Single(problems).Key);
    }

    [Fact]
    public async Task Errors_of_rules_are_forgotten_when_they_are_corrected()
    {
        using var host = HostOf(new(), static _ => { });
        await host.StartAsync();
        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        var settings = host.Services.GetRequiredService<MillraceConfiguration>();

        configuration["Millrace:Alerts:Interval"] = "often";
        configuration["Millrace:Alerts:Rules:cpu:Threshold"] = "a lot";
        configuration["Millrace:Alerts:Rules:memory:Threshold"] = "more";
        configuration.Reload();
        var refused = settings.Problems;
        configuration["Millrace:Alerts:Interval"] = "00:00:20";
        configuration["Millrace:Alerts:Rules:cpu:Threshold"] = "0.7";
        configuration["Millrace:Alerts:Rules:memory:Threshold"] = "0.8";
        configuration.Reload();
        var corrected = settings.Problems;
        await host.StopAsync();

        Assert.Equal(3, refused.Count);
        Assert.Empty(corrected);
        Assert.Equal(TimeSpan.FromSeconds(20), host.Services.GetRequiredService<AlertSetup>().Options.Interval);
    }

    [Fact]
    public async Task The_errors_of_channels_and_rules_are_reported_together()
    {
        using var host = HostOf(
            new()
            {
                ["Millrace:Notifications:hook:Url"] = "nowhere",
                ["Millrace:Alerts:Rules:cpu:Threshold"] = "a lot",
                ["Millrace:Alerts:Rules:memory:ResolveAt"] = "2",
                ["Millrace:PageEvents"] = "many",
            },
            static alerts => alerts.AddWebhook("hook"));

        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());

        Assert.Equal(
            [
                "Millrace:Alerts:Rules:cpu:Threshold", "Millrace:Alerts:Rules:memory:resolveAt",
                "Millrace:Notifications:hook:Url", "Millrace:PageEvents",
            ],
            refused.Problems.Select(static problem => problem.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Two_channels_with_one_name_are_an_error()
    {
        using var host = HostOf(new(), static alerts => alerts.AddChannel(_ => new RecordingChannel("log")));
        var refused = await Assert.ThrowsAsync<MillraceConfigurationException>(() => host.StartAsync());
        Assert.Contains("two channels have the name 'log'", refused.Message, StringComparison.Ordinal);
    }

    private static IHost HostOf(Dictionary<string, string?> settings, Action<AlertsBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Services.AddMillrace(millrace => millrace.UseInMemory().UseAlerts(configure));
        return builder.Build();
    }
}
