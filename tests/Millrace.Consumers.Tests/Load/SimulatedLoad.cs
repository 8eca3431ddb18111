using Millrace.Consuming;
using Millrace.Consuming.Load;

namespace Millrace.Tests.Load;

/// <summary>Runs a <see cref="LoadController"/> with a simulated handler and enough events.</summary>
internal sealed class SimulatedLoad(LoadOptions options, Random random, int processors = 2)
{
    private const double Interval = 0.4;
    private const double MaxInterval = 3;

    public LoadController Controller { get; } = new(options, processors);

    public double Target { get; } = options.BatchTime.TotalSeconds;

    /// <summary>Gets the number of events that were handled.</summary>
    public long Events { get; private set; }

    /// <summary>Gets the time in seconds.</summary>
    public double Time { get; private set; }

    /// <summary>Runs an interval. Returns whether a setting changed.</summary>
    public bool Run(SimulatedHandler handler, ResourceUse use = default)
    {
        var (events, batches, busy) = (0, 0, 0.0);
        do
        {
            busy += handler.DurationOf(Controller.BatchEvents, Controller.Workers, random);
            events += Controller.BatchEvents;
            batches++;
        }
        while (busy < Interval || (batches < 2 && busy < MaxInterval));
        (Events, Time) = (Events + events, Time + busy);
        var elapsed = TimeSpan.FromSeconds(busy);
        return Controller.Observe(new(events, batches, batches, elapsed, elapsed, 1_000_000), use) is not null;
    }
}
