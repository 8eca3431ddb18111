using Millrace.Storage;

namespace Millrace;

/// <summary>A consumer's policy with the options of its node: what an error is, and when an event is tried
/// again.</summary>
internal sealed class FailureRules(
    FailurePolicy policy, bool isPure, ConsumerOptions options, Random random, TimeProvider time)
{
    private readonly RetryBackoff _schedule = new(
        policy.Delay ?? options.RetryDelay,
        policy.MaxDelay ?? (policy.Delay > options.MaxRetryDelay ? policy.Delay.Value : options.MaxRetryDelay),
        random);

    /// <summary>Who is told of outcomes.</summary>
    public Action<FailureOutcome>? Observer => policy.Observer;

    private int MaxRetries => policy.Retries ?? options.Retries;

    public FailureClass ClassOf(Exception exception) =>
        policy.ClassOf(RetriesExhaustedException.Unwrap(exception), isPure);

    /// <summary>How long to pause before the next attempt; null when there is none.</summary>
    /// <param name="attempts">How many have failed, this one among them.</param>
    /// <param name="failureClass">What kind of failure the last was.</param>
    public TimeSpan? RetryAfter(int attempts, FailureClass failureClass) =>
        failureClass == FailureClass.Permanent || attempts > MaxRetries ? null : _schedule.DelayAfter(attempts);

    /// <summary>Whether a failure may be due to what an event asked for, and not to the state of the
    /// database.</summary>
    public bool MayBeCausedByEvent(Exception exception, ConsumerProcessor work) =>
        exception is not KeyBacklogFullException
        && !(work.HasEffects && exception is DocumentConflictException)
        && ClassOf(exception) != FailureClass.System;

    /// <summary>A letter after an attempt that failed: tried again later, or parked.</summary>
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
