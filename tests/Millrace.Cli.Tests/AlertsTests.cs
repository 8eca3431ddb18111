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
        await RunApplication();

        var table = await _tool.RunOk("alerts");
        var list = await _tool.RunOk("alerts", "list", "--json");
        var show = await _tool.RunOk("alerts", "show", "memory");
        var acknowledged = await _tool.RunOk("alerts", "ack", "memory-1", "--by", "kim", "--json");
        var shown = await _tool.RunOk("alerts", "show", "memory", "--json");
        var silenced = await _tool.RunOk("alerts", "silence", "memory", "--reason", "load test", "--json");
        var tried = await _tool.RunOk("alerts", "try", "memory", "--threshold", "0.5", "--json");
        var withoutReason = await _tool.Run("alerts", "silence", "memory");

        Assert.Contains("disk-free below 0.1", table.Output, StringComparison.Ordinal);
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

    /// <summary>Runs an application until its first alert fires.</summary>
    private async Task RunApplication()
    {
        var channel = new FirstNotice();
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_tool.Store)
            .UseMonitor(monitor => monitor.SampleInterval = TimeSpan.FromSeconds(1))
            .UseAlerts(alerts => alerts
                .AddChannel(_ => channel)
                .Configure(options => options.Interval = TimeSpan.FromSeconds(1))
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
