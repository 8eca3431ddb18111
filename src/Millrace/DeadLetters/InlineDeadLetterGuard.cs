using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Refuses what would have no effect: documents of inline projections equal their streams, whatever somebody decides
/// about one event.
/// </summary>
internal sealed class InlineDeadLetterGuard(ConsumerHost host)
{
    private readonly Dictionary<string, bool> _isInline = new(StringComparer.Ordinal);

    /// <exception cref="DeadLetterRefusedException">The letter is of such a projection, and would be edited or passed
    /// over.</exception>
    public async ValueTask Refuse(
        DeadLetter letter, DeadLetterDecision decision, bool isEdit, CancellationToken cancellationToken)
    {
        if (await ReasonAgainst(letter.Consumer, decision, isEdit, cancellationToken).ConfigureAwait(false) is
            { } reason)
            throw new DeadLetterRefusedException(letter.Id, reason);
    }

    /// <summary>Why a decision would have no effect; null when it has.</summary>
    public async ValueTask<string?> ReasonAgainst(
        string consumer, DeadLetterDecision decision, bool isEdit, CancellationToken cancellationToken)
    {
        if (decision == DeadLetterDecision.Retry && !isEdit)
            return null;
        if (!_isInline.TryGetValue(consumer, out var isInline))
            _isInline.Add(consumer, isInline = await IsInline(consumer, cancellationToken).ConfigureAwait(false));
        return isInline
            ? $"the documents of '{consumer}' equal their streams, so that none of their events can be edited, "
                + $"skipped or discarded. "
                + "Mend the projection, and retry."
            : null;
    }

    /// <summary>
    /// Asks the work where this program knows it; else the store: documents that a consumer keeps, and the catalogue
    /// does not name, are inline.
    /// </summary>
    private async ValueTask<bool> IsInline(string consumer, CancellationToken cancellationToken)
    {
        if (host.Find(consumer) is { } known)
            return known.Processor.EqualsStreams;
        var documents = host.Store.Storage.Documents;
        var hasDocuments = (await documents.List(cancellationToken).ConfigureAwait(false))
            .Any(collection => collection.Definition.Name == consumer);
        return hasDocuments && (await documents.ListReadModels(cancellationToken).ConfigureAwait(false))
            .All(record => record.Name != CollectionName.NameOf(consumer));
    }
}
