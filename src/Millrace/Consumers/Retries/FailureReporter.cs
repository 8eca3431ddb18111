using System.Diagnostics;
using Millrace.Storage;

namespace Millrace;

/// <summary>Tells everybody what became of a consumer's failures: logs, instruments, the trace, and the application's
/// observers.</summary>
internal sealed class FailureReporter(string consumer, ConsumerServices services, FailureRules rules)
{
    private DateTimeOffset Now => services.Time.GetUtcNow();

    /// <summary>Tells of letters that are stored now.</summary>
    public void Stored(IReadOnlyList<DeadLetter> letters)
    {
        for (var i = 0; i < letters.Count; i++)
        {
            if (letters[i].Attempts > 0)
                Failed(letters[i]);
        }
    }

    /// <summary>Tells of an event that failed.</summary>
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
        ConsumerLog.Parked(services.Logger, consumer, letter.Position, letter.Key, letter.Attempts, letter.Message);
        if (letter.Class == FailureClass.Permanent)
            Notify(
                About(
                    letter,
                    new FailureOutcome.Escalated(consumer, Now, $"It will not pass by itself: {letter.Message}")));
        else
            Notify(About(letter, new FailureOutcome.RetryFailed(consumer, Now, letter.Attempts, letter.Message ?? "")));
    }

    /// <summary>Tells of an event that passed at last.</summary>
    public void Passed(DeadLetter letter)
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
#pragma warning disable CA1031 // Whoever is told may throw what he likes; the consumer goes on.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            ConsumerLog.ObserverFailed(services.Logger, consumer, exception);
        }
    }
}
