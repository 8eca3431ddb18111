using System.Text;
using Millrace.Events;
using Millrace.Resilience;
using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>
/// Classifies the errors of a consumer and decides when an event is retried. The rules combine the consumer's policy
/// with the options of the node.
/// </summary>
internal sealed class FailureRules(
    FailurePolicy policy, bool isPure, ConsumerOptions options, Random random, TimeProvider time)
{
    private const string OmittedMessage =
        "The message of the error is not stored, because the event contains encrypted values.";

    private readonly RetryBackoff _schedule = new(
        () => (
            policy.Delay ?? options.RetryDelay,
            policy.MaxDelay ?? (policy.Delay > options.MaxRetryDelay ? policy.Delay.Value : options.MaxRetryDelay)),
        random);

    /// <summary>
    /// Gets the function that returns whether the events of a type contain encrypted values. The messages of errors are
    /// then not stored, because they could contain a value.
    /// </summary>
    public Func<string, bool> HasEncryptedValues { get; init; } = static _ => false;

    /// <summary>Gets the observer of outcomes.</summary>
    public Action<FailureOutcome>? Observer => policy.Observer;

    private int MaxRetries => policy.Retries ?? options.Retries;

    public FailureClass ClassOf(Exception exception) =>
        policy.ClassOf(HeldMessageFailedException.Unwrap(exception), isPure);

    /// <summary>Returns the delay before the next attempt, or null if there is no next attempt.</summary>
    /// <param name="attempts">The number of failed attempts, including the current one.</param>
    /// <param name="failureClass">The class of the last failure.</param>
    public TimeSpan? RetryAfter(int attempts, FailureClass failureClass) =>
        failureClass == FailureClass.Permanent || attempts > MaxRetries ? null : _schedule.DelayAfter(attempts);

    /// <summary>
    /// Returns true if the event may have caused a failure. Returns false if the state of the database caused it.
    /// </summary>
    public bool MayBeCausedByEvent(Exception exception, ConsumerProcessor processor) =>
        exception is not KeyBacklogFullException
        && !(processor.HasEffects && exception is DocumentConflictException)
        && ClassOf(exception) != FailureClass.System;

    /// <summary>Returns the dead letter after a failed attempt. The event is retried later, or it is parked.</summary>
    public DeadLetter Failed(DeadLetter letter, Exception exception)
    {
        var now = time.GetUtcNow();
        var failureClass = ClassOf(exception);
        var held = exception as HeldMessageFailedException;
        var attempts = Math.Max(letter.Attempts, held?.Attempts ?? 0) + 1;
        exception = HeldMessageFailedException.Unwrap(exception);
        var delay = RetryAfter(attempts, failureClass);
        // The message of this error never contains a value.
        var isOmitted = held?.IsTextOmitted
            ?? (HasEncryptedValues(letter.EventType) && exception is not CannotDeserializeException);
        return letter with
        {
            State = delay is null ? DeadLetterState.Parked : DeadLetterState.RetryAt,
            RetryAt = now + delay,
            Attempts = attempts,
            Class = failureClass,
            Cause = FailureCause.Of(exception),
            ErrorType = exception.GetType().FullName,
            Message = UntrustedText.Clip(isOmitted ? OmittedMessage : exception.Message, 4_000),
            Stack = UntrustedText.Clip(isOmitted ? StackOf(exception) : exception.ToString(), 16_000),
            FirstFailedAt = letter.FirstFailedAt ?? now,
            LastFailedAt = now,
            Decision = null,
        };
    }

    /// <summary>Returns the types and stack frames of an error and its inner errors, without their messages.</summary>
    private static string StackOf(Exception exception)
    {
        var text = new StringBuilder();
        for (Exception? error = exception; error is not null; error = error.InnerException)
            text.AppendLine(error.GetType().FullName).AppendLine(error.StackTrace);
        return text.ToString();
    }
}
