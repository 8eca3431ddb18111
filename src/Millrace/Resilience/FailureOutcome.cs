namespace Millrace;

/// <summary>
/// The outcome of a failure. Millrace reports outcomes in logs, by the instrument <c>millrace.consumer.outcomes</c>,
/// and to observers.
/// </summary>
/// <param name="Consumer">The consumer.</param>
/// <param name="At">The time.</param>
public abstract record FailureOutcome(string Consumer, DateTimeOffset At)
{
    /// <summary>Gets the position of the event; null if the outcome concerns the whole consumer.</summary>
    public long? Position { get; init; }

    /// <summary>Gets the key that the event blocks; null if the outcome concerns the whole consumer.</summary>
    public string? Key { get; init; }

    /// <summary>Gets the name in metrics and logs.</summary>
    public abstract string Name { get; }

    /// <summary>A retry of a failed event succeeded.</summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">The time.</param>
    /// <param name="Attempt">The number of the attempt, from 2.</param>
    public sealed record RetrySucceeded(string Consumer, DateTimeOffset At, int Attempt) : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "retry-succeeded";
    }

    /// <summary>All attempts to handle an event failed.</summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">The time.</param>
    /// <param name="Attempts">The number of attempts.</param>
    /// <param name="LastError">The message of the last error.</param>
    public sealed record RetryFailed(string Consumer, DateTimeOffset At, int Attempts, string LastError)
        : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "retry-failed";
    }

    /// <summary>
    /// The consumer waits for an external service whose circuit breaker is open, without using up attempts.
    /// </summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">The time.</param>
    /// <param name="Circuit">The name of the circuit breaker.</param>
    public sealed record CircuitOpen(string Consumer, DateTimeOffset At, string Circuit) : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "circuit-open";
    }

    /// <summary>
    /// The consumer continues after a failure that is independent of its events, or the receiver accepts messages
    /// again.
    /// </summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">The time.</param>
    public sealed record Recovered(string Consumer, DateTimeOffset At) : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "recovered";
    }

    /// <summary>
    /// An operator must act, because an event is parked or a consumer has stalled. Another possible reason is that too
    /// many messages of a receiver wait for a retry at the broker, so that the receiver accepts no more messages.
    /// </summary>
    /// <param name="Consumer">The consumer.</param>
    /// <param name="At">The time.</param>
    /// <param name="Reason">The reason.</param>
    public sealed record Escalated(string Consumer, DateTimeOffset At, string Reason) : FailureOutcome(Consumer, At)
    {
        /// <inheritdoc/>
        public override string Name => "escalated";
    }
}
