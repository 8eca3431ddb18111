using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Millrace.Cli.Tests;

/// <summary>Tests the commands for alerts, with the rules and alerts that an application stored.</summary>
public sealed class AlertsTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task Alerts_are_listed_acknowledged_silenced_and_tried()
    {
        await RunApplication(millrace => millrace.UseSqlite(_tool.Store));

        var table = await _tool.RunOk("alerts");
        var list = await _tool.RunOk("alerts", "list", "--json");
        var show = await _tool.RunOk("alerts", "show", "memory");
        var acknowledged = await _tool.RunOk("alerts", "ack", "memory-1", "--by", "kim", "--json");
        var shown = await _tool.RunOk("alerts", "show", "memory", "--json");
        var silenced = await _tool.RunOk("alerts", "silence", "memory", "--reason", "load test", "--json");
        var tried = await _tool.RunOk("alerts", "try", "memory", "--threshold", "0.5", "--json");
        var withoutReason = await _tool.Run("alerts", "silence", "memory");

        Assert.Contains("disk-free below 0.1", table.Output, StringComparison.Ordinal);
        Assert.Equal(
            ["rule", "condition", "for", "severity", "source", "state"],
            table.Output.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Matches("cpu .* 10 min .* disabled", table.Output);
        Assert.Matches("memory .* 0 s .* 1 firing", table.Output);
        Assert.Matches("disk-free .* normal", table.Output);
        Assert.Equal(AlertCatalogue.Rules.Count, list.Json.GetArrayLength());
        Assert.Contains("memory-1", show.Output, StringComparison.Ordinal);
        Assert.Equal("kim", acknowledged.Json.GetProperty("acknowledgedBy").GetString());
        var alert = Assert.Single(shown.Json.GetProperty("alerts").EnumerateArray());
        Assert.Equal(
            ("firing", "kim", "code"),
            (alert.GetProperty("state").GetString(), alert.GetProperty("acknowledgedBy").GetString(),
                shown.Json.GetProperty("source").GetString()));
        Assert.Equal("memory", silenced.Json.GetProperty("silenced").GetString());
        Assert.Equal("memory", tried.Json.GetProperty("rule").GetString());
        Assert.Equal(2, withoutReason.ExitCode);
    }

    [Fact]
    public async Task Alerts_of_shards_are_in_the_home_shard()
    {
        await RunApplication(millrace => millrace.UseShards(shards => shards
            .Add("one", store => store.UseSqlite(_tool.File("one.db")))
            .Add("two", store => store.UseSqlite(_tool.File("two.db")))
            .PlaceByStream()));
        await File.WriteAllTextAsync(
            _tool.File(ShardedApp.StoreList), """{"shards": {"one": "one.db", "two": "two.db"}}""");
        string[] store = ["--store", ShardedApp.StoreList, "--json"];

        var list = await _tool.RunOk(["alerts", .. store]);
        var acknowledged = await _tool.RunOk(["alerts", "ack", "memory-1", "--by", "kim", .. store]);
        var shown = await _tool.RunOk(["alerts", "show", "memory", .. store]);
        var silenced = await _tool.RunOk(["alerts", "silence", "memory", "--reason", "load test", .. store]);
        var tried = await _tool.RunOk(["alerts", "try", "memory", "--threshold", "0", .. store]);

        Assert.Equal(AlertCatalogue.Rules.Count, list.Json.GetArrayLength());
        Assert.Equal("kim", acknowledged.Json.GetProperty("acknowledgedBy").GetString());
        Assert.Equal("memory-1", Assert.Single(shown.Json.GetProperty("alerts").EnumerateArray())
            .GetProperty("id").GetString());
        Assert.Equal("memory", silenced.Json.GetProperty("silenced").GetString());
        Assert.True(tried.Json.GetProperty("points").GetInt32() > 0);
        Assert.True((await _tool.RunOk(["metrics", "memory", .. store])).Json.GetArrayLength() > 0);
    }

    /// <summary>Runs an application until its first alert fires.</summary>
    private static async Task RunApplication(Func<MillraceBuilder, MillraceBuilder> useStore)
    {
        var channel = new FirstNotice();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMillrace(millrace => useStore(millrace)
            .UseMonitor(monitor => monitor.SampleInterval = TimeSpan.FromSeconds(1))
            .UseAlerts(alerts => alerts
                .AddChannel(_ => channel)
                .Configure(options => options.Interval = TimeSpan.FromSeconds(1))
                .Disable("cpu")
                .Change("memory", rule => rule with
                {
                    Threshold = 0,
                    ResolveAt = null,
                    For = TimeSpan.Zero,
                    Channels = [channel.Name],
                })));
        using var host = builder.Build();
        await host.StartAsync();
        await channel.Sent.WaitAsync(TimeSpan.FromSeconds(60));
        await host.StopAsync();
    }

    private sealed class FirstNotice : INotificationChannel
    {
        private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Name => "first";

        public Task Sent => _sent.Task;

        public Task Send(AlertNotice notice, CancellationToken cancellationToken)
        {
            _sent.TrySetResult();
            return Task.CompletedTask;
        }
    }
}
