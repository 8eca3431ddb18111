using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Testing;

namespace Millrace.Telemetry.Tests;

/// <summary>Tests levels of logs that change while the application runs.</summary>
public sealed class LogLevelTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void A_changed_level_applies_to_its_category_until_it_expires()
    {
        using var host = Build();
        var levels = host.Services.GetRequiredService<ILogLevels>();
        var loggers = host.Services.GetRequiredService<ILoggerFactory>();
        var consuming = loggers.CreateLogger("Millrace.Consuming.Consumer");
        var other = loggers.CreateLogger("Shop");
        Assert.False(consuming.IsEnabled(LogLevel.Debug));

        levels.Set("Millrace", LogLevel.Debug, TimeSpan.FromMinutes(10), "ada");
        Assert.True(consuming.IsEnabled(LogLevel.Debug));
        Assert.False(other.IsEnabled(LogLevel.Debug));
        Assert.Equal("ada", Assert.Single(levels.List()).By);

        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.False(consuming.IsEnabled(LogLevel.Debug));
        Assert.Empty(levels.List());
    }

    [Fact]
    public void A_reset_applies_the_configured_level_again()
    {
        using var host = Build();
        var levels = host.Services.GetRequiredService<ILogLevels>();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop");

        levels.Set(ILogLevels.DefaultCategory, LogLevel.Trace, TimeSpan.FromHours(1), "ada");
        Assert.True(logger.IsEnabled(LogLevel.Trace));

        Assert.True(levels.Reset("default"));
        Assert.False(logger.IsEnabled(LogLevel.Trace));
        Assert.False(levels.Reset("default"));
    }

    [Fact]
    public void A_rule_for_one_provider_does_not_hide_the_change()
    {
        using var host = Build(("Logging:Console:LogLevel:Default", "Error"));
        var levels = host.Services.GetRequiredService<ILogLevels>();
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop");

        levels.Set("Shop", LogLevel.Debug, TimeSpan.FromHours(1), "ada");

        Assert.True(logger.IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public void A_longer_category_keeps_its_rule_at_a_provider_with_other_rules()
    {
        using var host = Build(
            ("Logging:Console:LogLevel:Elsewhere", "Error"),
            ("Logging:LogLevel:Default", "Information"),
            ("Logging:LogLevel:Millrace.Storage", "Warning"));
        var levels = host.Services.GetRequiredService<ILogLevels>();
        var loggers = host.Services.GetRequiredService<ILoggerFactory>();

        levels.Set(ILogLevels.DefaultCategory, LogLevel.Debug, TimeSpan.FromHours(1), "ada");
        levels.Set("Millrace", LogLevel.Trace, TimeSpan.FromHours(1), "ada");

        Assert.False(loggers.CreateLogger("Millrace.Storage.Writer").IsEnabled(LogLevel.Information));
        Assert.False(loggers.CreateLogger("Elsewhere").IsEnabled(LogLevel.Warning));
        Assert.True(loggers.CreateLogger("Millrace.Consuming").IsEnabled(LogLevel.Trace));
        Assert.True(loggers.CreateLogger("Shop").IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public void A_reload_of_the_configuration_changes_levels()
    {
        using var host = Build(("Logging:LogLevel:Default", "Warning"));
        var logger = host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop");
        Assert.False(logger.IsEnabled(LogLevel.Debug));

        var configuration = (IConfigurationRoot)host.Services.GetRequiredService<IConfiguration>();
        configuration["Logging:LogLevel:Default"] = "Debug";
        configuration.Reload();

        Assert.True(logger.IsEnabled(LogLevel.Debug));
    }

    [Theory]
    [InlineData("", LogLevel.Debug, 1)]
    [InlineData("a*b*c", LogLevel.Debug, 1)]
    [InlineData("Shop*", LogLevel.Debug, 1)]
    [InlineData("Shop", (LogLevel)9, 1)]
    [InlineData("Shop", LogLevel.Debug, 0)]
    [InlineData("Shop", LogLevel.Debug, 25)]
    public void Invalid_changes_are_refused(string category, LogLevel level, int hours)
    {
        using var host = Build();
        var levels = host.Services.GetRequiredService<ILogLevels>();

        Assert.ThrowsAny<ArgumentException>(() => levels.Set(category, level, TimeSpan.FromHours(hours), "ada"));
        Assert.Empty(levels.List());
        Assert.False(host.Services.GetRequiredService<ILoggerFactory>().CreateLogger("New").IsEnabled(LogLevel.Debug));
    }

    [Fact]
    public void The_number_of_changed_categories_is_limited()
    {
        using var host = Build();
        var levels = host.Services.GetRequiredService<ILogLevels>();
        for (var i = 0; i < 100; i++)
            levels.Set($"Shop.{i}", LogLevel.Debug, TimeSpan.FromHours(1), "ada");

        Assert.Throws<InvalidOperationException>(
            () => levels.Set("Shop.One.More", LogLevel.Debug, TimeSpan.FromHours(1), "ada"));
        levels.Set("Shop.1", LogLevel.Error, TimeSpan.FromHours(1), "ada"); // Replaces its earlier change.
    }

    private IHost Build(params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Logging.ClearProviders().AddConsole();
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddMillraceTelemetry();
        return builder.Build();
    }
}
