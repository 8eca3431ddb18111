using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.Consuming.Retries;

/// <summary>
/// Reports the outcomes of a consumer's failures to logs, metrics, the trace, and the application's observer.
/// </summary>
internal sealed class FailureReporter(string consumer, ConsumerServices services, FailureRules rules)
{
    private DateTimeOffset Now => services.Time.GetUtcNow();

    /// <summary>Reports dead letters that are now stored.</summary>
    public void Stored(IReadOnlyList<DeadLetter> letters)
    {
        for (var i = 0; i < letters.Count; i++)
        {
            if (letters[i].Attempts > 0)
                Failed(letters[i]);
        }
    }

    /// <summary>Reports an event that failed.</summary>
    public void Failed(DeadLetter letter)
    {
        services.Metrics.Failed(consumer, letter.ErrorType ?? "");
        if (letter.State == DeadLetterState.RetryAt)
        {
            ConsumerLog.TakenOut(
                services.Logger,
                consumer,
                letter.Position,
                letter.Key,
                letter.Attempts,
                letter.RetryAt ?? default,
                letter.Message);
            return;
        }
        ConsumerLog.Parked(
            services.Logger,
            consumer,
            letter.Position,
            letter.Key,
            letter.Attempts,
            letter.Message);
        if (letter.Class == FailureClass.Permanent)
            Notify(
                About(
                    letter,
                    new FailureOutcome.Escalated(consumer, Now, $"A retry will not succeed: {letter.Message}")));
        else
            Notify(
                About(
                    letter,
                    new FailureOutcome.RetryFailed(consumer, Now, letter.Attempts, letter.Message ?? "")));
    }

    /// <summary>Reports an event that succeeded after failures.</summary>
    public void Succeeded(DeadLetter letter)
    {
        ConsumerLog.Passed(services.Logger, consumer, letter.Position, letter.Key, letter.Attempts + 1);
        if (letter.Attempts > 0)
            Notify(About(letter, new FailureOutcome.RetrySucceeded(consumer, Now, letter.Attempts + 1)));
    }

    public void Recovered(long position)
    {
        ConsumerLog.GoesOn(services.Logger, consumer, position);
        Recovered();
    }

    public void Recovered() => Notify(new FailureOutcome.Recovered(consumer, Now));

    public void Stalled(string reason) => Notify(new FailureOutcome.Escalated(consumer, Now, reason));

    public void CircuitOpen(string circuit) => Notify(new FailureOutcome.CircuitOpen(consumer, Now, circuit));

    private static FailureOutcome About(DeadLetter letter, FailureOutcome outcome) =>
        outcome with { Position = letter.Position, Key = letter.Key };

    private void Notify(FailureOutcome outcome)
    {
        services.Metrics.RecordOutcome(consumer, outcome.Name);
        Activity.Current?.AddEvent(new ActivityEvent($"millrace.{outcome.Name}"));
        try
        {
            rules.Observer?.Invoke(outcome);
        }
#pragma warning disable CA1031 // The consumer continues after any exception of application code.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ConsumerLog.ObserverFailed(services.Logger, consumer, exception);
        }
    }
}
