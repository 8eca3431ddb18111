using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Consuming;
using Millrace.Metrics;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests that changes of the configuration take effect while an application runs.</summary>
public sealed class ReloadTests : IAsyncLifetime, IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("millrace-reload-");
    private readonly RecordedLog _log = new(LogLevel.Information);
    private IHost _host = null!; // Set before each test.
    private volatile bool _codeFails;

    private IConfigurationRoot Configuration => (IConfigurationRoot)_host.Services.GetRequiredService<IConfiguration>();

    private MillraceConfiguration Settings => _host.Services.GetRequiredService<MillraceConfiguration>();

    public async Task InitializeAsync()
    {
        WriteFile("""{ "Millrace": { "Consumers": { "Workers": 1, "Load": { "MaxWorkers": 1 } } } }""");
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ContentRootPath = _folder.FullName,
        });
        builder.AddMillraceConfiguration();
        builder.Configuration.AddInMemoryCollection(
            new Dictionary<string, string?> { ["Millrace:Own:Uri"] = "amqp://one" });
        builder.Logging.AddProvider(_log);
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => new InMemoryStorage())
            .UseMonitor()
            .AddConsumer("clerk", EventFilter.All, static (_, _) => ValueTask.CompletedTask));
        builder.Services.PostConfigure<ConsumerOptions>(_ =>
        {
            if (_codeFails)
                throw new FormatException("The code has an error.");
        });
        _host = builder.Build();
        await _host.StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_changed_file_takes_effect()
    {
        WriteFile("""{ "Millrace": { "Consumers": { "Workers": 3, "Load": { "MaxWorkers": 1 } } } }""");

        var setting = await Eventually.Get(
            () => Task.FromResult(Find("Workers")), static setting => setting.Value == "3", TestNode.WaitTimeout);

        Assert.Equal(("file appsettings.json", true), (setting.Source, setting.IsReloadable));
    }

    [Fact]
    public async Task Consumers_adapt_within_changed_bounds()
    {
        Change(("Millrace:Consumers:Load:MaxWorkers", "4"), ("Millrace:Consumers:Load:MinWorkers", "4"));

        var store = _host.Services.GetRequiredService<EventStore>();
        var consumers = _host.Services.GetRequiredService<Consumers>();
        var workers = await Eventually.Get(
            async () =>
            {
                // Changed bounds apply at the end of the next batch.
                await store.Append(
                    new StreamId("a-1"), ExpectedVersion.Any, [NewEvent.FromBytes("a", "{}"u8.ToArray())]);
                return (await consumers.List()).Single().Load?.Workers;
            },
            static workers => workers == 4,
            TestNode.WaitTimeout);

        Assert.Equal(4, workers);
    }

    [Fact]
    public void Changed_options_of_consumers_and_of_the_monitor_take_effect()
    {
        Change(
            ("Millrace:Consumers:BatchEvents", "50"),
            ("Millrace:Consumers:Retries", "9"),
            ("Millrace:Consumers:RetryDelay", "00:00:00.2000000"),
            ("Millrace:Consumers:Workers", "2"),
            ("Millrace:Monitor:SampleInterval", "00:00:30"));

        var options = _host.Services.GetRequiredService<ConsumerHost>().Options;
        Assert.Equal((50, 9, 2), (options.BatchEvents, options.Retries, options.WorkerCount));
        Assert.Equal(TimeSpan.FromMilliseconds(200), options.RetryDelay);
        Assert.Equal(
            TimeSpan.FromSeconds(30), _host.Services.GetRequiredService<PerformanceMonitor>().Options.SampleInterval);
        Assert.Equal(("50", "memory"), (Find("BatchEvents").Value, Find("BatchEvents").Source));
        Assert.Contains("take effect: Millrace:Consumers:BatchEvents, ", Logged(5031), StringComparison.Ordinal);
    }

    [Fact]
    public void An_invalid_change_is_refused_as_a_whole()
    {
        Change(("Millrace:Consumers:BatchEvents", "50"), ("Millrace:Monitor:SampleInterval", "often"));

        var setting = Find("BatchEvents");
        Assert.Equal(("1000", "50", "was refused"), (setting.Value, setting.PendingValue, setting.PendingReason));
        Assert.Equal(1_000, _host.Services.GetRequiredService<ConsumerHost>().Options.BatchEvents);
        var problem = Assert.Single(Settings.Problems);
        Assert.Equal(("Millrace:Monitor:SampleInterval", "often"), (problem.Key, problem.Value));
        Assert.Contains("was refused", Logged(5033), StringComparison.Ordinal);

        Change(("Millrace:Monitor:SampleInterval", "00:00:20"));

        Assert.Empty(Settings.Problems);
        Assert.Equal("50", Find("BatchEvents").Value);
    }

    [Fact]
    public void A_change_that_needs_a_restart_is_reported()
    {
        Change(("Millrace:Consumers:LeaseDuration", "00:00:10"));

        var setting = Find("LeaseDuration");
        Assert.Equal(("00:00:06", "00:00:10", "needs a restart"),
            (setting.Value, setting.PendingValue, setting.PendingReason));
        Assert.Contains(
            "after a restart: Millrace:Consumers:LeaseDuration.", Logged(5032), StringComparison.Ordinal);
    }

    [Fact]
    public void Requirements_that_are_removed_remain_until_a_restart()
    {
        WriteFile("""{ "Millrace": { "Consumers": { "Workers": 1 } } }""");
        Configuration.Reload();

        var setting = Find("Load:MaxWorkers");
        Assert.Equal(("1", "", "needs a restart"), (setting.Value, setting.PendingValue, setting.PendingReason));
        Assert.Equal(1, _host.Services.GetRequiredService<ConsumerHost>().Options.Load?.MaxWorkers);
        Assert.Contains(
            "after a restart: Millrace:Consumers:Load:MaxWorkers.", Logged(5032), StringComparison.Ordinal);

        WriteFile("""{ "Millrace": { "Consumers": { "Workers": 1, "Load": { "MaxWorkers": 2 } } } }""");
        Configuration.Reload();

        Assert.Equal(("2", null), (Find("Load:MaxWorkers").Value, Find("Load:MaxWorkers").PendingValue));
        Assert.Equal(2, _host.Services.GetRequiredService<ConsumerHost>().Options.Load?.MaxWorkers);
    }

    [Fact]
    public void A_change_that_cannot_be_read_is_refused()
    {
        _codeFails = true;
        Change(("Millrace:Consumers:BatchEvents", "50"));

        Assert.Equal(("1000", "was refused"), (Find("BatchEvents").Value, Find("BatchEvents").PendingReason));
        var problem = Assert.Single(Settings.Problems);
        Assert.Null(problem.Key);
        Assert.Contains("The code has an error.", problem.Message, StringComparison.Ordinal);

        _codeFails = false;
        Configuration.Reload();

        Assert.Equal("50", Find("BatchEvents").Value);
    }

    [Fact]
    public void A_changed_setting_that_is_not_recorded_is_shown_with_the_value_of_the_start()
    {
        Change(("Millrace:Own:Uri", "amqp://two"), ("Millrace:Own:New", "1"));

        var settings = Settings.Read().Where(static setting => setting.Key.StartsWith(
            "Millrace:Own:", StringComparison.Ordinal));
        Assert.Equal(
            [("New", null, "1", "needs a restart"), ("Uri", "amqp://one", "amqp://two", "needs a restart")],
            settings.Select(static setting => (
                setting.Key["Millrace:Own:".Length..], setting.Value, setting.PendingValue, setting.PendingReason)));
    }

    private void Change(params (string Key, string Value)[] changes)
    {
        foreach (var (key, value) in changes)
            Configuration[key] = value;
        Configuration.Reload();
    }

    private EffectiveSetting Find(string name) =>
        Settings.Read().Single(setting => setting.Key == $"Millrace:Consumers:{name}");

    private string Logged(int id) => string.Join('\n', _log.Entries.Where(entry => entry.Id == id));

    private void WriteFile(string text) => File.WriteAllText(Path.Combine(_folder.FullName, "appsettings.json"), text);
}
