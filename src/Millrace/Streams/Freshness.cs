namespace Millrace;

/// <summary>
/// Indicates whether an answer reflects all events up to the position of a token, and if not, how many are missing. The
/// default value is fresh.
/// </summary>
/// <param name="LagEvents">The number of log positions up to the token that the answer does not reflect; 0 if the
/// answer is fresh.</param>
public readonly record struct Freshness(long LagEvents)
{
    /// <summary>Gets the value for an answer that reflects all events up to the position of the token.</summary>
    public static Freshness Fresh => default;

    /// <summary>
    /// Gets the value for a token that cannot be compared with the log, because the token was created before a restore
    /// or by another store.
    /// </summary>
    public static Freshness OfOtherEpoch => new(0) { IsOtherEpoch = true };

    /// <summary>
    /// Gets the age of the first event that the answer does not reflect, if it is known; zero if the answer is fresh.
    /// </summary>
    public TimeSpan LagTime { get; init; }

    /// <summary>
    /// Gets whether the token belongs to another epoch of the log, so that the lag is unknown. Such an answer is not
    /// fresh.
    /// </summary>
    public bool IsOtherEpoch { get; init; }

    /// <summary>
    /// Gets the number of events that may be missing because of dead letters; 0 if the answer is fresh. These events
    /// failed or wait for a failed event until an operator decides. For a single document, the number includes only
    /// events of that document.
    /// </summary>
    public long BlockedEvents { get; init; }

    /// <summary>Gets whether the answer reflects all events up to the position of the token.</summary>
    public bool IsFresh => LagEvents == 0 && BlockedEvents == 0 && !IsOtherEpoch;

    /// <summary>Returns a value that combines two values and is at least as stale as each of them.</summary>
    public Freshness CombineWith(Freshness other)
    {
        if (IsOtherEpoch || other.IsOtherEpoch)
            return IsOtherEpoch ? this : other;
        return (LagEvents >= other.LagEvents ? this : other) with
        {
            BlockedEvents = Math.Max(BlockedEvents, other.BlockedEvents),
        };
    }

    /// <summary>
    /// Returns the value of the header <c>Millrace-Fresh</c>: <c>fresh</c>, <c>stale; by=12</c>, <c>stale; by=0;
    /// held=3</c> if dead letters block events, or <c>stale; epoch</c> for a token of another epoch.
    /// </summary>
    public override string ToString() => IsFresh ? "fresh"
        : IsOtherEpoch ? "stale; epoch"
        : BlockedEvents > 0 ? $"stale; by={LagEvents}; held={BlockedEvents}" : $"stale; by={LagEvents}";
}
