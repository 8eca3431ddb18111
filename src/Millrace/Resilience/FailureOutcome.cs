namespace Millrace;

/// <summary>What became of a failure: told by logs, by the instrument <c>millrace.consumer.outcomes</c>, and to
/// observers.</summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="At">When.</param>
public abstract record FailureOutcome(string Consumer, DateTimeOffset At)
{
    /// <summary>The position of the event it is about; null when it is about the consumer.</summary>
    public long? Position { get; init; }

    /// <summary>The key that is held by it; null when it is about the consumer.</summary>
    public string? Key { get; init; }

    /// <summary>Its name, as instruments and logs tell it.</summary>
    public abstract string Name { get; }

    /// <summary>An event that had failed passed when it was tried again.</summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">When.</param>
    /// <param name="Attempt">Which attempt it was, from 2.</param>
    public sealed record RetrySucceeded(string Consumer, DateTimeOffset At, int Attempt) : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "retry-succeeded";
    }

    /// <summary>An event failed in all its attempts.</summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">When.</param>
    /// <param name="Attempts">How many there were.</param>
    /// <param name="LastError">What the last of them said.</param>
    public sealed record RetryFailed(string Consumer, DateTimeOffset At, int Attempts, string LastError)
        : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "retry-failed";
    }

    /// <summary>The consumer waits for a service outside, whose circuit breaker is open; no attempt is spent
    /// meanwhile.</summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">When.</param>
    /// <param name="Circuit">The circuit breaker.</param>
    public sealed record CircuitOpen(string Consumer, DateTimeOffset At, string Circuit) : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "circuit-open";
    }

    /// <summary>The consumer goes on after a failure that was no event's fault, or its receiver takes messages
    /// again.</summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">When.</param>
    public sealed record Recovered(string Consumer, DateTimeOffset At) : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "recovered";
    }

    /// <summary>
    /// Somebody has to look at it: an event is parked, a consumer stalled, or so much of a receiver waits at the broker
    /// to be tried again that it takes no further messages.
    /// </summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">When.</param>
    /// <param name="Reason">Why.</param>
    public sealed record Escalated(string Consumer, DateTimeOffset At, string Reason) : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "escalated";
    }
}
