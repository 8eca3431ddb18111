using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Resilience;
using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>
/// Tries dead letters without effects. Applies their events to copies of the stored documents, or calls handlers that
/// are declared safe to simulate.
/// </summary>
internal sealed class DeadLetterSimulator(ConsumerHost host, DeadLetterAction action)
{
    private readonly Dictionary<string, ConsumerProcessor?> _processors = new(StringComparer.Ordinal);
    private readonly InlineDeadLetterGuard _inlineGuard = new(host);

    public async ValueTask<SimulatedDeadLetter> Try(
        DeadLetter letter, RecordedEvent? original, CancellationToken cancellationToken)
    {
        if (original is null)
            return new SimulatedDeadLetter(
                letter, SimulatedOutcome.Passes, "The event was removed from the log, so it would be skipped.");
        if (await _inlineGuard
                .FindRefusalReason(letter.Consumer, action.Decision, action.IsEdit, cancellationToken)
                .ConfigureAwait(false) is
            { } reason)
            return new SimulatedDeadLetter(letter, SimulatedOutcome.Fails, $"It would be refused: {reason}");
        if (action.Decision != DeadLetterDecision.Retry)
            return new SimulatedDeadLetter(letter, SimulatedOutcome.Passes);
        if (ProcessorOf(letter.Consumer) is not { } processor)
        {
            return new SimulatedDeadLetter(
                letter, SimulatedOutcome.Unknown, ReasonNotSimulated(letter.Consumer));
        }
        try
        {
            var payload =
                action.Apply(letter.EditedPayload ?? original.Payload, original.ContentType)
                ?? letter.EditedPayload;
            var recorded = payload is { } edited ? original.With(edited) : original;
            await processor.Start(checkpoint: 1, cancellationToken).ConfigureAwait(false);
            var retried = new RetriedEvent(recorded, original, letter.Key, DeadLetterResolutions.None);
            await processor.HandleAgain(retried, cancellationToken).ConfigureAwait(false);
            return processor.HasEffects && HasStatements(await processor.Collect().ConfigureAwait(false))
                ? new SimulatedDeadLetter(
                    letter,
                    SimulatedOutcome.Unknown,
                    "Its SQL statements were created but not run, so their outcome is unknown.")
                : new SimulatedDeadLetter(letter, SimulatedOutcome.Passes);
        }
#pragma warning disable CA1031 // Any exception of the application's code is the outcome.
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
        var model = CollectionName.NameOf(consumer);
        var knownName = host
            .All.Select(known => known.Name)
            .FirstOrDefault(known => known != model && CollectionName.NameOf(known) == model);
        return knownName is null || model == consumer
            ? $"This program does not know the consumer '{consumer}'."
            : $"This program has '{knownName}' and not '{consumer}'. The new version is built from the log, so these "
                + "dead letters do not concern it. Use 'preview' to see how it handles the same events.";
    }

    private ConsumerProcessor? ProcessorOf(string consumer)
    {
        if (!_processors.TryGetValue(consumer, out var processor))
            _processors.Add(consumer, processor = Find(consumer)?.CreateCopy?.Invoke(consumer));
        return processor;
    }

    /// <summary>
    /// Finds a consumer, or a consumer of another build of the same version, which handles events in the same way.
    /// </summary>
    private Consumer? Find(string consumer) => host.Find(consumer) ?? host.Find(CollectionName.FirstOf(consumer))
        ?? host.All.FirstOrDefault(other => CollectionName.FirstOf(other.Name) == CollectionName.FirstOf(consumer));
}
