using Millrace.Storage;

namespace Millrace;

/// <summary>A collection and how far it is.</summary>
/// <param name="Documents">Where it is stored.</param>
/// <param name="Name">Its name.</param>
/// <param name="Reached">Tells the position that it reflects.</param>
internal sealed record ComparedCollection(
    IDocumentStorage Documents, string Name, Func<CancellationToken, ValueTask<long>> Reached);

/// <summary>Compares two collections document by document, in the order of their keys, while both may be in
/// use.</summary>
internal sealed class CollectionComparison(ComparedCollection before, ComparedCollection after, int mostExamples)
{
    private const int DocumentsPerPage = 1_000;
    private const int MaxPasses = 20;
    private static readonly TimeSpan RecheckDelay = TimeSpan.FromMilliseconds(5);

    private readonly List<DocumentDifference> _examples = [];
    private readonly long[] _counts = new long[3];
    private bool _isApart;
    private long _same;
    private long _meanwhile;

    /// <summary>Which documents are compared, by their keys; all by default.</summary>
    public Func<string, bool> IsCompared { get; init; } = static _ => true;

    /// <summary>Compares.</summary>
    /// <param name="time">The clock by which it looks again where one of the two has moved on.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ReadModelComparison> Run(TimeProvider time, CancellationToken cancellationToken)
    {
        var (old, now) = (new DocumentScanner(before, DocumentsPerPage), new DocumentScanner(after, DocumentsPerPage));
        await old.Move(cancellationToken).ConfigureAwait(false);
        await now.Move(cancellationToken).ConfigureAwait(false);
        while ((old.Current ?? now.Current) is not null)
        {
            var order = old.Current is null ? 1
                : now.Current is null ? -1
                : CodePointOrder.Instance.Compare(old.Current.Key, now.Current.Key);
            var (one, other) = (order <= 0 ? old.Current : null, order >= 0 ? now.Current : null);
            if (IsCompared((one ?? other)!.Key)) // One of them is there.
                await Compare(one, other, time, cancellationToken).ConfigureAwait(false);
            if (order <= 0)
                await old.Move(cancellationToken).ConfigureAwait(false);
            if (order >= 0)
                await now.Move(cancellationToken).ConfigureAwait(false);
        }
        return new ReadModelComparison(
            before.Name, after.Name, _same, _counts[0], _counts[1], _counts[2], _meanwhile, _examples);
    }

    private static bool AreSame(Document? one, Document? other) =>
        one is null || other is null ? one is null && other is null : one.Body.Span.SequenceEqual(other.Body.Span);

    /// <summary>
    /// What differs is looked at again until it is known to be of the same part of the log, so that progress is not
    /// taken for a difference.
    /// </summary>
    private async ValueTask Compare(
        Document? one, Document? other, TimeProvider time, CancellationToken cancellationToken)
    {
        var key = (one ?? other)!.Key; // One of them is there.
        for (var looks = 0; !AreSame(one, other); looks++)
        {
            var (reachedBefore, reachedAfter) = await Reached(cancellationToken).ConfigureAwait(false);
            (one, other) = await Read(key, cancellationToken).ConfigureAwait(false);
            if (AreSame(one, other))
                break;
            var both = Math.Min(reachedBefore, reachedAfter);
            var (nowBefore, nowAfter) = await Reached(cancellationToken).ConfigureAwait(false);
            if (IsAsOf(both, one, nowBefore) && IsAsOf(both, other, nowAfter))
            {
                Note(key, one, other);
                return;
            }
            if (_isApart || looks == MaxPasses)
            {
                _isApart = true; // The one goes on, and the other stands still: waiting longer helps none of the rest.
                _meanwhile++;
                return;
            }
            await Task.Delay(RecheckDelay, time, cancellationToken).ConfigureAwait(false);
        }
        if (one is not null)
            _same++;
    }

    /// <summary>Whether a document is as it was at a position; one that is not there may have been removed
    /// since.</summary>
    private static bool IsAsOf(long position, Document? document, long reached) =>
        document is null ? reached == position : document.Position <= position;

    private async ValueTask<(long Before, long After)> Reached(CancellationToken cancellationToken) => (
        await before.Reached(cancellationToken).ConfigureAwait(false),
        await after.Reached(cancellationToken).ConfigureAwait(false));

    private async ValueTask<(Document? Old, Document? New)> Read(string key, CancellationToken cancellationToken) => (
        await before.Documents.Get(before.Name, key, cancellationToken).ConfigureAwait(false),
        await after.Documents.Get(after.Name, key, cancellationToken).ConfigureAwait(false));

    private void Note(string key, Document? one, Document? other)
    {
        var kind = one is null ? DifferenceKind.Added : other is null ? DifferenceKind.Gone : DifferenceKind.Changed;
        _counts[(int)kind]++;
        if (_examples.Count < mostExamples)
            _examples.Add(new DocumentDifference(key, kind, FieldDifferences.Between(one?.Body, other?.Body)));
    }
}
