using Millrace.Events;
using Millrace.Resilience;
using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>
/// A consumer's policy combined with the options of its node: classifies errors and decides when an event is retried.
/// </summary>
internal sealed class FailureRules(
    FailurePolicy policy, bool isPure, ConsumerOptions options, Random random, TimeProvider time)
{
    private readonly RetryBackoff _schedule = new(
        policy.Delay ?? options.RetryDelay,
        policy.MaxDelay ?? (policy.Delay > options.MaxRetryDelay ? policy.Delay.Value : options.MaxRetryDelay),
        random);

    /// <summary>The observer of outcomes.</summary>
    public Action<FailureOutcome>? Observer => policy.Observer;

    private int MaxRetries => policy.Retries ?? options.Retries;

    public FailureClass ClassOf(Exception exception) =>
        policy.ClassOf(RetriesExhaustedException.Unwrap(exception), isPure);

    /// <summary>Returns the delay before the next attempt; null when there is none.</summary>
    /// <param name="attempts">The number of failed attempts, including this one.</param>
    /// <param name="failureClass">The class of the last failure.</param>
    public TimeSpan? RetryAfter(int attempts, FailureClass failureClass) =>
        failureClass == FailureClass.Permanent || attempts > MaxRetries ? null : _schedule.DelayAfter(attempts);

    /// <summary>Returns true when an event may have caused a failure, and not the state of the database.</summary>
    public bool MayBeCausedByEvent(Exception exception, ConsumerProcessor processor) =>
        exception is not KeyBacklogFullException
        && !(processor.HasEffects && exception is DocumentConflictException)
        && ClassOf(exception) != FailureClass.System;

    /// <summary>Returns the dead letter after a failed attempt: retried later, or parked.</summary>
    public DeadLetter Failed(DeadLetter letter, Exception exception)
    {
        var now = time.GetUtcNow();
        var failureClass = ClassOf(exception);
        var attempts = Math.Max(letter.Attempts, (exception as RetriesExhaustedException)?.Attempts ?? 0) + 1;
        exception = RetriesExhaustedException.Unwrap(exception);
        var pause = RetryAfter(attempts, failureClass);
        return letter with
        {
            State = pause is null ? DeadLetterState.Parked : DeadLetterState.RetryAt,
            RetryAt = now + pause,
            Attempts = attempts,
            Class = failureClass,
            Cause = FailureCause.Of(exception),
            ErrorType = exception.GetType().FullName,
            Message = UntrustedText.Clip(exception.Message, 4_000),
            Stack = UntrustedText.Clip(exception.ToString(), 16_000),
            FirstFailedAt = letter.FirstFailedAt ?? now,
            LastFailedAt = now,
            Decision = null,
        };
    }
}
