namespace Millrace.Benchmarks.Operations;

/// <summary>A part of a changing load.</summary>
/// <param name="Name">The name.</param>
/// <param name="Wait">The time of a call of the service: for each event, or for each batch of the publisher.</param>
/// <param name="Connections">The number of calls that the service handles at the same time.</param>
/// <param name="Demand">The events per second that are appended at a time from 0 to 1, as a share of those that the
/// best fixed setting handles; null for always more than can be handled.</param>
/// <param name="IsPublisher">Whether one call handles a batch, as with a broker.</param>
internal sealed record AdaptivePhase(
    string Name, TimeSpan Wait, int Connections, Func<double, double>? Demand = null, bool IsPublisher = false)
{
    private const int Bursts = 5;

    private static readonly TimeSpan Fast = TimeSpan.FromMilliseconds(1);

    /// <summary>Gets the phases of the run, in order.</summary>
    public static IReadOnlyList<AdaptivePhase> All { get; } =
    [
        new("step", Fast, Connections: 40),
        new("ramp", Fast, Connections: 40, static time => 0.1 + (1.2 * time)),
        new("slow-handler", TimeSpan.FromMilliseconds(20), Connections: 16),
        // A fifth of the time, more than four times the events that can be handled.
        new("bursts", Fast, Connections: 40, static time => (time * Bursts) % 1 < 0.2 ? 4.2 : 0),
        new("slow-broker", TimeSpan.FromMilliseconds(40), Connections: 1, IsPublisher: true),
    ];

    /// <summary>Returns the events that a setting handles in the phase, if it can handle a number per second.</summary>
    /// <param name="capacity">The events per second that the setting can handle.</param>
    /// <param name="reference">The events per second that the best setting can handle.</param>
    /// <param name="seconds">The duration of the phase.</param>
    public double EventsOf(double capacity, double reference, double seconds)
    {
        const int Steps = 1_000;
        if (Demand is null)
            return capacity * seconds;
        var (handled, waiting, step) = (0.0, 0.0, seconds / Steps);
        for (var i = 0; i < Steps; i++)
        {
            waiting += Demand((double)i / Steps) * reference * step;
            var done = Math.Min(waiting, capacity * step);
            (handled, waiting) = (handled + done, waiting - done);
        }
        return handled;
    }
}
