using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Alerting;
using Millrace.Storage;
using Millrace.Testing;

namespace Millrace.Faults;

/// <summary>
/// A node with two alerts that fire one after the other, and a channel that appends its notices to a file. The node
/// stops at a step of the first notice, and a test kills it there.
/// </summary>
public static class AlertingNode
{
    /// <summary>The environment variable with the step at which the node stops.</summary>
    public const string StepVariable = "MILLRACE_FAULTS_ALERTS";

    /// <summary>The environment variable with the file of the notices.</summary>
    public const string FileVariable = "MILLRACE_FAULTS_NOTICES";

    /// <summary>The state of the alert is stored; the node has not started to send.</summary>
    public const string Stored = "STORED";

    /// <summary>The attempt to send is stored; the receiver has not got the notice.</summary>
    public const string Sending = "SENDING";

    /// <summary>The receiver has accepted the notice; the node has not recorded this.</summary>
    public const string Accepted = "ACCEPTED";

    /// <summary>The rule that fires at once.</summary>
    public const string First = "first";

    /// <summary>The rule that fires some evaluations later.</summary>
    public const string Later = "later";

    /// <summary>Creates a node.</summary>
    /// <param name="address">The store.</param>
    /// <param name="notices">The file of the notices.</param>
    /// <param name="step">The step at which the node stops; null for none.</param>
    public static IHost Create(string address, string notices, string? step = null)
    {
        var storage = new FaultInjectingStorage(ExpiringNode.Open(address))
        {
            AfterCommit = (batch, _) =>
            {
                if (step == Stored && batch.Any(ChangesNotices))
                    Stop(Stored);
                return ValueTask.CompletedTask;
            },
        };
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        builder.Logging.ClearProviders();
        builder.Services.AddMillrace(millrace => millrace
            .UseStorage(_ => storage)
            .UseMonitor(static options => options.SampleInterval = TimeSpan.FromSeconds(1))
            .UseAlerts(alerts => alerts
                .Add(RuleOf(First, TimeSpan.Zero))
                .Add(RuleOf(Later, TimeSpan.FromSeconds(8)))
                .AddChannel(_ => new FileChannel(notices, step))
                .Configure(options =>
                {
                    options.UsesCatalogue = false;
                    options.Channels = [FileChannel.ChannelName];
                    options.Interval = TimeSpan.FromSeconds(1);
                    options.GroupInterval = TimeSpan.Zero;
                    options.SendTimeout = TimeSpan.FromSeconds(5);
                })));
        return builder.Build();
    }

    internal static async Task Run(string address, string step)
    {
        var notices = Environment.GetEnvironmentVariable(FileVariable)
            ?? throw new InvalidOperationException($"{FileVariable} is not set.");
        using var host = Create(address, notices, step);
        await host.StartAsync();
        await host.WaitForShutdownAsync();
    }

    /// <summary>Returns a rule that is always beyond its threshold. It has one alert for all nodes.</summary>
    private static AlertRule RuleOf(string name, TimeSpan duration) => new()
    {
        Name = name,
        Metric = MonitorMetrics.EventRate,
        Aggregate = AlertAggregate.Sum,
        Condition = AlertCondition.Below,
        Threshold = 1_000_000,
        For = duration,
        NoDataAfter = TimeSpan.FromMinutes(10), // Longer than a killed node is missing.
    };

    private static bool ChangesNotices(CommitRequest request) =>
        request.Documents.Any(static change => CollectionName.NameOf(change.Collection) == AlertStore.Queues);

    /// <summary>Blocks the thread, so that no time-out lets the node continue. The test kills the node.</summary>
    private static void Stop(string step)
    {
        Console.Out.WriteLine(step);
        using var never = new ManualResetEventSlim();
        never.Wait();
    }

    private sealed class FileChannel(string file, string? step) : INotificationChannel
    {
        public const string ChannelName = "file";

        public string Name => ChannelName;

        public Task Send(AlertNotice notice, CancellationToken cancellationToken)
        {
            if (step == Sending)
                Stop(Sending);
            var lines = notice.Items.Select(item => string.Create(
                CultureInfo.InvariantCulture, $"{notice.Id} {item.Kind} {item.Alert}"));
            File.AppendAllLines(file, lines);
            if (step == Accepted)
                Stop(Accepted);
            return Task.CompletedTask;
        }
    }
}
