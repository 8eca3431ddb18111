using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Tries dead letters on copies: folds them on documents as they are stored, or calls handlers that are declared safe
/// for it.
/// </summary>
internal sealed class DeadLetterSimulator(ConsumerHost host, DeadLetterAction fix)
{
    private readonly Dictionary<string, ConsumerProcessor?> _works = new(StringComparer.Ordinal);
    private readonly InlineDeadLetterGuard _streams = new(host);

    public async ValueTask<SimulatedDeadLetter> Try(
        DeadLetter letter, RecordedEvent? original, CancellationToken cancellationToken)
    {
        if (original is null)
            return new SimulatedDeadLetter(
                letter, SimulatedOutcome.Passes, "Its event was removed from the log: it would be passed over.");
        if (await _streams
                .ReasonAgainst(letter.Consumer, fix.Decision, fix.IsEdit, cancellationToken)
                .ConfigureAwait(false) is
            { } reason)
            return new SimulatedDeadLetter(letter, SimulatedOutcome.Fails, $"It would be refused: {reason}");
        if (fix.Decision != DeadLetterDecision.Retry)
            return new SimulatedDeadLetter(letter, SimulatedOutcome.Passes);
        if (ProcessorOf(letter.Consumer) is not { } work)
        {
            return new SimulatedDeadLetter(letter, SimulatedOutcome.Unknown, ReasonNotSimulated(letter.Consumer));
        }
        try
        {
            var payload =
                fix.Apply(letter.EditedPayload ?? original.Payload, original.ContentType) ?? letter.EditedPayload;
            var recorded = payload is { } edited ? original.With(edited) : original;
            await work.Start(checkpoint: 1, cancellationToken).ConfigureAwait(false);
            var again = new RetriedEvent(recorded, original, letter.Key, DeadLetterResolutions.None);
            await work.HandleAgain(again, cancellationToken).ConfigureAwait(false);
            return work.HasEffects && HasStatements(await work.Collect().ConfigureAwait(false))
                ? new SimulatedDeadLetter(
                    letter, SimulatedOutcome.Unknown, "Its statements were made, but only running them would tell.")
                : new SimulatedDeadLetter(letter, SimulatedOutcome.Passes);
        }
#pragma warning disable CA1031 // The application's own code: whatever it throws is the outcome.
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            return new SimulatedDeadLetter(
                letter, SimulatedOutcome.Fails, exception.Message, FailureCause.Of(exception));
        }
    }

    private static bool HasStatements(IReadOnlyList<ConsumerEffects> effects)
    {
        foreach (var part in effects)
        {
            if (part.Statements.Count > 0)
                return true;
        }
        return false;
    }

    private string ReasonNotSimulated(string consumer)
    {
        if (Find(consumer) is not null)
            return $"The handler of '{consumer}' is not declared safe to simulate.";
        var name = CollectionName.NameOf(consumer);
        var other = host
            .All.Select(one => one.Name)
            .FirstOrDefault(one => one != name && CollectionName.NameOf(one) == name);
        return other is null || name == consumer
            ? $"This program does not know the consumer '{consumer}'."
            : $"This program has '{other}' and not '{consumer}'. Another version is built from the log, and these "
                + $"letters do not concern "
                + "it: 'preview' tells what it makes of the same events.";
    }

    private ConsumerProcessor? ProcessorOf(string consumer)
    {
        if (!_works.TryGetValue(consumer, out var work))
            _works.Add(consumer, work = Find(consumer)?.CreateCopy?.Invoke(consumer));
        return work;
    }

    /// <summary>A consumer, or the one of another build of the same version, which does the same.</summary>
    private Consumer? Find(string consumer) => host.Find(consumer) ?? host.Find(CollectionName.FirstOf(consumer))
        ?? host.All.FirstOrDefault(other => CollectionName.FirstOf(other.Name) == CollectionName.FirstOf(consumer));
}
