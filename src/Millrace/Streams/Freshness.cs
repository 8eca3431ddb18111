namespace Millrace;

/// <summary>Whether an answer reflects what a token stands for, or how far it is behind. The default value is
/// fresh.</summary>
/// <param name="LagEvents">How many positions of the log it is behind; 0 when it is fresh.</param>
public readonly record struct Freshness(long LagEvents)
{
    /// <summary>It reflects everything that was asked for.</summary>
    public static Freshness Fresh => default;

    /// <summary>It cannot be compared: the token is from before a restore of the log, or from another store.</summary>
    public static Freshness OfOtherEpoch => new(0) { IsOtherEpoch = true };

    /// <summary>
    /// How long ago the first event that it does not reflect was recorded, as far as that is known; zero when it is
    /// fresh.
    /// </summary>
    public TimeSpan LagTime { get; init; }

    /// <summary>Whether the token is of another epoch of the log, so that nothing can be said. Such an answer is not
    /// fresh.</summary>
    public bool IsOtherEpoch { get; init; }

    /// <summary>
    /// How many events it may lack because they failed, or wait behind one that has, and somebody has to decide about
    /// them; 0 when it is fresh. For one document only its own are counted.
    /// </summary>
    public long HeldEvents { get; init; }

    /// <summary>Whether it does.</summary>
    public bool IsFresh => LagEvents == 0 && HeldEvents == 0 && !IsOtherEpoch;

    /// <summary>The staler of two.</summary>
    public Freshness And(Freshness other)
    {
        if (IsOtherEpoch || other.IsOtherEpoch)
            return IsOtherEpoch ? this : other;
        return (LagEvents >= other.LagEvents ? this : other) with
        {
            HeldEvents = Math.Max(HeldEvents, other.HeldEvents),
        };
    }

    /// <summary>
    /// As in the header <c>Millrace-Fresh</c>: <c>fresh</c>, <c>stale; by=12</c>, <c>stale; by=0; held=3</c> when dead
    /// letters hold events back, or <c>stale; epoch</c> for a token of another epoch.
    /// </summary>
    public override string ToString() => IsFresh ? "fresh"
        : IsOtherEpoch ? "stale; epoch"
        : HeldEvents > 0 ? $"stale; by={LagEvents}; held={HeldEvents}" : $"stale; by={LagEvents}";
}
