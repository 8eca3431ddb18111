using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Millrace.Testing;

namespace Millrace.Tests;

public sealed class TelemetryTests
{
    private const string Clerk = "clerk";
    // No other test uses this name, because all tests share the instruments.
    private const string Lagging = "lags-behind";

    // Dashboards and alerts depend on these names, so change them only deliberately.
    private static readonly string[] Instruments =
    [
        "millrace.consumer.documents.expired {document} Counter: millrace.consumer.name",
        "millrace.consumer.duration s Histogram: millrace.consumer.name",
        "millrace.consumer.events {event} Counter: millrace.consumer.name",
        "millrace.consumer.failures {failure} Counter: error.type, millrace.consumer.name",
        "millrace.consumer.lag {event} ObservableGauge: millrace.consumer.name",
        "millrace.consumer.lag.time s ObservableGauge: millrace.consumer.name",
        "millrace.consumer.letters {letter} ObservableGauge: millrace.consumer.name, millrace.letter.state",
        "millrace.consumer.outcomes {outcome} Counter: millrace.consumer.name, millrace.outcome",
        "millrace.consumer.stalled.time s ObservableGauge: millrace.consumer.name",
        "millrace.handler.duration s Histogram: error.type, millrace.consumer.name, millrace.event.type",
        "millrace.handler.duration s Histogram: millrace.consumer.name, millrace.event.type",
    ];

    [Fact]
    public async Task The_instruments_of_the_read_path_are_stable()
    {
        var seen = new ConcurrentDictionary<string, byte>();
        using var listener = Listen((instrument, _, tags) =>
        {
            if (instrument.Name == "millrace.handler.duration" && !Equals(tags[0].Value, Clerk))
                return; // Handlers of other tests.
            var kind = instrument.GetType().Name.Split('`')[0];
            var names = string.Join(", ", tags.ToArray().Select(tag => tag.Key).Order(StringComparer.Ordinal));
            seen[$"{instrument.Name} {instrument.Unit} {kind}: {names}"] = 0;
        });
        await using var node = await StartFailingOnce();
        await node.Append("ada", new Loaded("ada", 1), new Berthed("ada", "north", DateTimeOffset.UnixEpoch));
        await node.WaitUntil(
            Clerk, status => status is { LagEvents: 0, OpenDeadLetters: 0, State: ConsumerState.Live });
        // Outcomes are reported after they are stored.
        await Eventually.Until(
            () => Instruments.All(name => seen.ContainsKey(name) || name.Contains("Gauge", StringComparison.Ordinal)),
            TestNode.WaitTimeout);
        listener.RecordObservableInstruments();

        Assert.Equal(
            Instruments,
            seen.Keys.Where(key => key.Contains("consumer", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_lag_is_the_number_of_events_after_the_checkpoint()
    {
        var lags = new ConcurrentDictionary<string, double>();
        using var listener = Listen(
            (instrument, value, tags) =>
            {
                if (tags.ToArray().Contains(new KeyValuePair<string, object?>("millrace.consumer.name", Lagging)))
                    lags[instrument.Name] = value;
            }
        );
        await using var node = await TestNode.Start(add: host =>
            TestNode.Add(
                host,
                ConsumerDefinition
                    .Each(Lagging, EventFilter.All, (_, _) => throw new InvalidOperationException("No."))
                    .OnFailure(policy => policy.System<InvalidOperationException>())));
        var begun = TimeProvider.System.GetTimestamp();
        for (var i = 0; i < 7; i++)
            await node.Append("ada", new Loaded("ada", i));
        await node.WaitUntil(Lagging, status => status.State == ConsumerState.Stalled);
        listener.RecordObservableInstruments();

        Assert.Equal(7, lags["millrace.consumer.lag"]);
        var maxLag = TimeProvider.System.GetElapsedTime(begun).TotalSeconds + 1; // The two clocks may differ slightly.
        Assert.InRange(lags["millrace.consumer.lag.time"], 0.0001, maxLag);
    }

    [Fact]
    public async Task Open_letters_are_counted_by_state_without_a_query()
    {
        var counts = new ConcurrentDictionary<string, double>();
        using var listener = Listen((instrument, value, tags) =>
        {
            if (instrument.Name == "millrace.consumer.letters" && Equals(tags[0].Value, "letters"))
                counts[(string)tags[1].Value!] = value;
        });
        var storage = new FaultyStorage(new Millrace.Storage.InMemory.InMemoryStorage());
        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, ConsumerDefinition.Each(
                "letters", EventFilter.All, (recorded, _) => recorded.Stream.Key == "ada"
                    ? throw new NotSupportedException() : throw new TimeoutException())
            .OnFailure(policy => policy.Retry(9, TimeSpan.FromHours(1), TimeSpan.FromHours(2)))));
        for (var i = 0; i < 3; i++)
            await node.Append("ada", new Loaded("ada", i));
        await node.Append("bea", new Loaded("bea", 1));
        await node.WaitUntil("letters", status => status is { OpenDeadLetters: 4, LagEvents: 0 });
        storage.Disconnect(); // The measurement does not query the storage.

        listener.RecordObservableInstruments();

        Assert.Equal(
            [("parked", 1), ("released", 0), ("retry-at", 1), ("waiting", 2)],
            counts.OrderBy(count => count.Key, StringComparer.Ordinal).Select(count => (count.Key, (int)count.Value)));
    }

    private static Task<TestNode> StartFailingOnce()
    {
        var attempts = 0;
        return TestNode.Start(add: host =>
        {
            TestNode.Add(host, Berths.Define(name: "metered-berths"));
            TestNode.Add(
                host,
                ConsumerDefinition.Each(
                    Clerk,
                    EventFilter.All,
                    (_, _) =>
                        Interlocked.Increment(ref attempts) == 1
                            ? throw new InvalidOperationException("Once.")
                            : ValueTask.CompletedTask));
        });
    }

    private static MeterListener Listen(MeasurementSeen seen)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, meters) =>
            {
                if (instrument.Meter.Name == MillraceTelemetry.MeterName)
                    meters.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => seen(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => seen(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => seen(instrument, value, tags));
        listener.Start();
        return listener;
    }

    private delegate void MeasurementSeen(
        Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags);
}
