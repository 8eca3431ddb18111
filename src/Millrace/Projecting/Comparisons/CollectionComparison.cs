using Millrace.Shared.Comparisons;
using Millrace.Storage;
using Millrace.Streams;

namespace Millrace.Projecting.Comparisons;

/// <summary>A collection to compare, with a function that returns its progress.</summary>
/// <param name="Documents">The storage of the collection.</param>
/// <param name="Name">The name of the collection.</param>
/// <param name="Reached">Returns the position that the collection has reached.</param>
internal sealed record ComparedCollection(
    IDocumentStorage Documents, string Name, Func<CancellationToken, ValueTask<long>> Reached)
{
    /// <summary>
    /// Gets when the documents expire; null if they never do. Expired documents are omitted, because they are removed
    /// from each collection at another time.
    /// </summary>
    public ExpiryColumn? Expiry { get; init; }
}

/// <summary>
/// Compares two collections document by document, in the order of their keys. Both collections can change during the
/// comparison.
/// </summary>
internal sealed class CollectionComparison(ComparedCollection before, ComparedCollection after, int maxExamples)
{
    private const int DocumentsPerPage = 1_000;
    private const int MaxPasses = 20;
    private static readonly TimeSpan RecheckDelay = TimeSpan.FromMilliseconds(5);

    private readonly List<DocumentDifference> _examples = [];
    private readonly long[] _countsByKind = new long[3];
    private bool _advancesAlone;
    private long _sameCount;
    private long _changedMeanwhile;

    /// <summary>
    /// Gets the function that selects the documents to compare by their keys. By default, all documents are compared.
    /// </summary>
    public Func<string, bool> IsCompared { get; init; } = static _ => true;

    /// <summary>Compares the collections.</summary>
    /// <param name="time">The clock for the delay before a document is read again. A document is read again if one
    /// collection has advanced and the other has not.</param>
    /// <param name="cancellationToken">Cancels the comparison.</param>
    public async Task<ReadModelComparison> Run(TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var oldScanner = new DocumentScanner(before, DocumentsPerPage, now);
        var newScanner = new DocumentScanner(after, DocumentsPerPage, now);
        await oldScanner.Move(cancellationToken).ConfigureAwait(false);
        await newScanner.Move(cancellationToken).ConfigureAwait(false);
        while ((oldScanner.Current ?? newScanner.Current) is not null)
        {
            var order = oldScanner.Current is null ? 1
                : newScanner.Current is null ? -1
                : CodePointOrder.Instance.Compare(oldScanner.Current.Key, newScanner.Current.Key);
            var (first, second) = (order <= 0 ? oldScanner.Current : null, order >= 0 ? newScanner.Current : null);
            if (IsCompared((first ?? second)!.Key)) // At least one document is not null.
                await Compare(first, second, time, cancellationToken).ConfigureAwait(false);
            if (order <= 0)
                await oldScanner.Move(cancellationToken).ConfigureAwait(false);
            if (order >= 0)
                await newScanner.Move(cancellationToken).ConfigureAwait(false);
        }
        return new ReadModelComparison(
            before.Name, after.Name, _sameCount,
            _countsByKind[0], _countsByKind[1], _countsByKind[2], _changedMeanwhile, _examples);
    }

    private static bool AreSame(Document? first, Document? second) =>
        first is null || second is null
            ? first is null && second is null
            : first.Body.Span.SequenceEqual(second.Body.Span);

    /// <summary>
    /// Compares a document. Documents that differ are read again until both are at the same position, so that progress
    /// is not reported as a difference.
    /// </summary>
    private async ValueTask Compare(
        Document? first, Document? second, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = (first ?? second)!.Key; // At least one document is not null.
        var (scannedFirst, scannedSecond) = (first, second);
        for (var reads = 0; !AreSame(first, second); reads++)
        {
            var (positionBefore, positionAfter) = await Reached(cancellationToken).ConfigureAwait(false);
            (first, second) = await Read(key, cancellationToken).ConfigureAwait(false);
            if (AreSame(first, second))
                break;
            var hasExpired = second is null
                ? HasExpired(before, first!, scannedFirst, time) // Not null, because the documents differ.
                : first is null && HasExpired(after, second, scannedSecond, time);
            if (hasExpired)
                return; // The other collection omitted it, or its consumer has removed it.
            var commonPosition = Math.Min(positionBefore, positionAfter);
            var (latestBefore, latestAfter) = await Reached(cancellationToken).ConfigureAwait(false);
            if (IsUnchangedSince(commonPosition, first, latestBefore)
                && IsUnchangedSince(commonPosition, second, latestAfter))
            {
                AddDifference(key, first, second);
                return;
            }
            if (_advancesAlone || reads == MaxPasses)
            {
                _advancesAlone = true; // Only one of the collections advances, so waiting for the other is useless.
                _changedMeanwhile++;
                return;
            }
            await Task.Delay(RecheckDelay, time, cancellationToken).ConfigureAwait(false);
        }
        if (first is not null)
            _sameCount++;
    }

    /// <summary>
    /// Returns whether a document has expired since it was scanned. The expiry of a document that was written later is
    /// unknown.
    /// </summary>
    private static bool HasExpired(
        ComparedCollection collection, Document document, Document? scanned, TimeProvider time) =>
        collection.Expiry is { } expiry
        && scanned?.Version == document.Version
        && scanned.Fields is { } fields
        && expiry.ExpiresAt(fields[expiry.Index]) <= time.GetUtcNow();

    /// <summary>
    /// Returns true if a document is unchanged since a position. A missing document may have been removed later, so it
    /// is unchanged only if its collection has reached exactly this position.
    /// </summary>
    private static bool IsUnchangedSince(long position, Document? document, long reached) =>
        document is null ? reached == position : document.Position <= position;

    private async ValueTask<(long Before, long After)> Reached(CancellationToken cancellationToken) => (
        await before.Reached(cancellationToken).ConfigureAwait(false),
        await after.Reached(cancellationToken).ConfigureAwait(false));

    private async ValueTask<(Document? Old, Document? New)> Read(string key, CancellationToken cancellationToken) => (
        await before.Documents.Get(before.Name, key, cancellationToken).ConfigureAwait(false),
        await after.Documents.Get(after.Name, key, cancellationToken).ConfigureAwait(false));

    private void AddDifference(string key, Document? first, Document? second)
    {
        var kind = first is null ? DifferenceKind.Added : second is null ? DifferenceKind.Gone : DifferenceKind.Changed;
        _countsByKind[(int)kind]++;
        if (_examples.Count < maxExamples)
            _examples.Add(new DocumentDifference(key, kind, FieldDifferences.Between(first?.Body, second?.Body)));
    }
}
