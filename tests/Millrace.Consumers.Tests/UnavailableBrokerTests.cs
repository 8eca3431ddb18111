using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Messaging;
using Millrace.Testing;

namespace Millrace.Tests;

public sealed class UnavailableBrokerTests
{
    // No other test uses this name, because all tests share the instruments.
    private const string Publisher = "publish.harbour";

    [Fact]
    public async Task A_publisher_without_its_broker_logs_one_warning_for_all_its_attempts_to_start()
    {
        var tries = 0;
        using var listener = Listen(() => Interlocked.Increment(ref tries));
        using var log = new RecordedLog(LogLevel.Warning);
        var broker = new InMemoryBroker();
        broker.MakeUnavailable();
        using var host = Build(broker, log);
        await host.StartAsync();
        var consumers = host.Services.GetRequiredService<Millrace.Consumers>();

        await Eventually.Get(
            consumers, Publisher, status => status.State == ConsumerState.Faulted, TestNode.WaitTimeout);
        await Eventually.Until(() => Volatile.Read(ref tries) > 3, TestNode.WaitTimeout);
        broker.MakeAvailable();
        await Eventually.Get(consumers, Publisher, status => status.State == ConsumerState.Live, TestNode.WaitTimeout);
        await host.StopAsync();

        var logged = Assert.Single(log.Entries, entry => entry.Id is 2006 or 2024);
        Assert.Equal((LogLevel.Warning, 2024), (logged.Level, logged.Id));
        Assert.StartsWith(
            $"Consumer {Publisher} cannot start yet and retries: The broker '",
            logged.Text,
            StringComparison.Ordinal);
    }

    private static IHost Build(InMemoryBroker broker, RecordedLog log)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(log);
        builder.Services.AddMillrace(millrace =>
            millrace
                .UseInMemory()
                .ConfigureConsumers(all =>
                {
                    (all.RetryDelay, all.MaxRetryDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(5));
                    // With a long lease, the node does not lose its lease. Otherwise it would log the warning again.
                    all.LeaseDuration = TestNode.ShortIntervals().LeaseDuration;
                })
                .UseTransport("harbour", _ => new InMemoryTransport(broker), transport => transport.PublishAll("audit"))
        );
        return builder.Build();
    }

    private static MeterListener Listen(Action failed)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Meter.Name == MillraceTelemetry.MeterName
                    && instrument.Name == "millrace.consumer.failures")
                    meters.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "millrace.consumer.name", Value: Publisher })
                    failed();
            }
        });
        listener.Start();
        return listener;
    }
}
