using System.Diagnostics;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Reports the outcomes of a consumer's failures to logs, metrics, the trace, and the application's observer.
/// </summary>
internal sealed class FailureReporter(string consumer, ConsumerServices services, FailureRules rules)
{
    private DateTimeOffset Now => services.Time.GetUtcNow();

    /// <summary>Reports dead letters that are now stored.</summary>
    public void Stored(IReadOnlyList<DeadLetter> deadLetters)
    {
        for (var i = 0; i < deadLetters.Count; i++)
        {
            if (deadLetters[i].Attempts > 0)
                Failed(deadLetters[i]);
        }
    }

    /// <summary>Reports an event that failed.</summary>
    public void Failed(DeadLetter deadLetter)
    {
        services.Metrics.Failed(consumer, deadLetter.ErrorType ?? "");
        if (deadLetter.State == DeadLetterState.RetryAt)
        {
            ConsumerLog.TakenOut(
                services.Logger,
                consumer,
                deadLetter.Position,
                deadLetter.Key,
                deadLetter.Attempts,
                deadLetter.RetryAt ?? default,
                deadLetter.Message);
            return;
        }
        ConsumerLog.Parked(
            services.Logger,
            consumer,
            deadLetter.Position,
            deadLetter.Key,
            deadLetter.Attempts,
            deadLetter.Message);
        if (deadLetter.Class == FailureClass.Permanent)
            Notify(
                About(
                    deadLetter,
                    new FailureOutcome.Escalated(consumer, Now, $"A retry will not succeed: {deadLetter.Message}")));
        else
            Notify(
                About(
                    deadLetter,
                    new FailureOutcome.RetryFailed(consumer, Now, deadLetter.Attempts, deadLetter.Message ?? "")));
    }

    /// <summary>Reports an event that succeeded after failures.</summary>
    public void Passed(DeadLetter deadLetter)
    {
        ConsumerLog.Passed(services.Logger, consumer, deadLetter.Position, deadLetter.Key, deadLetter.Attempts + 1);
        if (deadLetter.Attempts > 0)
            Notify(About(deadLetter, new FailureOutcome.RetrySucceeded(consumer, Now, deadLetter.Attempts + 1)));
    }

    public void Recovered(long position)
    {
        ConsumerLog.GoesOn(services.Logger, consumer, position);
        Recovered();
    }

    public void Recovered() => Notify(new FailureOutcome.Recovered(consumer, Now));

    public void Stalled(string reason) => Notify(new FailureOutcome.Escalated(consumer, Now, reason));

    public void CircuitOpen(string circuit) => Notify(new FailureOutcome.CircuitOpen(consumer, Now, circuit));

    private static FailureOutcome About(DeadLetter deadLetter, FailureOutcome outcome) =>
        outcome with { Position = deadLetter.Position, Key = deadLetter.Key };

    private void Notify(FailureOutcome outcome)
    {
        services.Metrics.RecordOutcome(consumer, outcome.Name);
        Activity.Current?.AddEvent(new ActivityEvent($"millrace.{outcome.Name}"));
        try
        {
            rules.Observer?.Invoke(outcome);
        }
#pragma warning disable CA1031 // Application code: the consumer continues whatever the observer throws.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ConsumerLog.ObserverFailed(services.Logger, consumer, exception);
        }
    }
}
