using Microsoft.Extensions.Configuration;
using Millrace.Hosting;

namespace Millrace.Model.Tests.Hosting;

/// <summary>Tests that sections of a configuration are checked without an application.</summary>
public sealed class SettingsCheckTests
{
    [Theory]
    [InlineData("Seals:AnchorUrl", "https://anchor:99999/x", "must be an address")]
    [InlineData("Recovery:Intervall", "00:00:10", "Did you mean 'Interval'?")]
    [InlineData("Recovery:Interval", "1.00:00:00", "must be from 1 second to 5 minutes")]
    [InlineData("Alerts:Interval", "1.00:00:00", "must be from 1 second to 5 minutes")]
    [InlineData("Seals:Interval", "2.00:00:00", "must be from 100 milliseconds to 1 day")]
    [InlineData("Backup:Retention", "00:00:01", "must be from 1 hour")]
    [InlineData("Archive:CacheBytes", "1", "must be at least 1 MiB")]
    [InlineData("Retention:StreamsPerSecond", "0", "must be from 1 to 1,000,000")]
    [InlineData("Capacity:MinNodes", "0", "must be from 1 to 1,000")]
    public void An_error_is_reported_with_its_key(string key, string value, string message)
    {
        var problem = Assert.Single(Check((key, value)).Problems);

        Assert.Equal(($"Millrace:{key}", value), (problem.Key, problem.Value));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Capacity:RemoveBelow", "0.7")]
    [InlineData("Consumers:LookEvery", "00:00:50")]
    [InlineData("Consumers:Load:MaxBatchEvents", "1")]
    [InlineData("Monitor:HourRetention", "1.00:00:00")]
    [InlineData("Backup:Interval", "00:00:05")]
    public void A_setting_that_depends_on_an_option_of_the_code_is_no_error(string key, string value) =>
        Assert.Empty(Check((key, value)).Problems);

    [Fact]
    public void Settings_that_contradict_each_other_are_an_error()
    {
        var problem = Assert.Single(Check(
            ("Monitor:MinuteRetention", "30.00:00:00"), ("Monitor:HourRetention", "1.00:00:00")).Problems);

        Assert.Equal("Millrace:Monitor:HourRetention", problem.Key);
    }

    [Fact]
    public void The_errors_of_all_alert_rules_are_reported()
    {
        var read = Check(
            ("Alerts:Interval", "often"),
            ("Alerts:Rules:cpu:Threshold", "a lot"),
            ("Alerts:Rules:memory:Severity", "mild"));

        Assert.Equal(
            [
                "Millrace:Alerts:Interval", "Millrace:Alerts:Rules:cpu:Threshold",
                "Millrace:Alerts:Rules:memory:Severity",
            ],
            read.Problems.Select(static problem => problem.Key));
    }

    [Fact]
    public void A_variable_in_capitals_sets_the_partitions_of_a_consumer()
    {
        var options = new ConsumerOptions();
        options.Partitions["daily-sales"] = 2;

        new ConsumerSettings(Configuration(("CONSUMERS:PARTITIONS:DAILY-SALES", "4"))).PostConfigure(null, options);

        Assert.Equal(4, options.PartitionsOf("daily-sales"));
    }

    private static MillraceConfiguration Check(params (string Key, string Value)[] settings) =>
        MillraceConfiguration.Check(Configuration(settings));

    private static IConfigurationRoot Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder()
            .AddInMemoryCollection(settings.ToDictionary(
                static setting => $"Millrace:{setting.Key}", static setting => (string?)setting.Value))
            .Build();
}
