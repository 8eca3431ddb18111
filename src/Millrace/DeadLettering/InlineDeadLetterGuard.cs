using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>
/// Refuses decisions that would have no effect, because the documents of inline projections always match their streams.
/// </summary>
internal sealed class InlineDeadLetterGuard(ConsumerHost host)
{
    private readonly Dictionary<string, bool> _isInline = new(StringComparer.Ordinal);

    /// <exception cref="DeadLetterRefusedException">The dead letter belongs to an inline projection, and would be
    /// edited, skipped or discarded.</exception>
    public async ValueTask ThrowIfRefused(
        DeadLetter letter, DeadLetterDecision decision, bool isEdit, CancellationToken cancellationToken)
    {
        if (await FindRefusalReason(letter.Consumer, decision, isEdit, cancellationToken).ConfigureAwait(false) is
            { } reason)
            throw new DeadLetterRefusedException(letter.Id, reason);
    }

    /// <summary>Returns the reason why a decision would have no effect, or null if the decision is possible.</summary>
    public async ValueTask<string?> FindRefusalReason(
        string consumer, DeadLetterDecision decision, bool isEdit, CancellationToken cancellationToken)
    {
        if (decision == DeadLetterDecision.Retry && !isEdit)
            return null;
        if (!_isInline.TryGetValue(consumer, out var isInline))
            _isInline.Add(consumer, isInline = await IsInline(consumer, cancellationToken).ConfigureAwait(false));
        return isInline
            ? $"the documents of '{consumer}' always equal their streams, so their events cannot be edited, "
                + "skipped or discarded. Fix the projection, and retry."
            : null;
    }

    /// <summary>
    /// Returns true for the consumer of an inline projection. If this program does not know the consumer, checks the
    /// store. There, a consumer with documents is inline if the catalog of read models does not list it.
    /// </summary>
    private async ValueTask<bool> IsInline(string consumer, CancellationToken cancellationToken)
    {
        if (host.Find(consumer) is { } known)
            return known.Processor.EqualsStreams;
        var documents = host.Store.Storage.Documents;
        return await documents.HasCollection(consumer, cancellationToken).ConfigureAwait(false)
            && (await documents.ListReadModels(cancellationToken).ConfigureAwait(false))
            .All(record => record.Name != CollectionName.NameOf(consumer));
    }
}
