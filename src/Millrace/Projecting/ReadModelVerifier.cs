using Millrace.Consuming;
using Millrace.Consuming.Retries;
using Millrace.Projecting.Replays;
using Millrace.Storage;

namespace Millrace.Projecting;

/// <summary>Folds the whole log again and compares the result with the stored documents.</summary>
/// <remarks>
/// Each pass holds only the documents of a share of the keys in memory. A large collection therefore needs several
/// passes instead of much memory.
/// </remarks>
internal sealed class ReadModelVerifier<TKey, TDocument>(
    ProjectionDefinition<TKey, TDocument> definition, EventStore store, string collection)
    where TKey : notnull
    where TDocument : class
{
    private const int MaxDifferences = 100;
    private const int DocumentsPerPass = 200_000;
    private const int DocumentsPerPage = 1_000;

    private readonly DocumentFormat<TKey, TDocument> _format = new(definition);
    private readonly Projection<TKey, TDocument> _projection = definition.CreateProjection();
    private readonly List<ReadModelDifference> _differences = [];
    private long _compared;
    private long _changedMeanwhile;

    /// <summary>Compares the documents with the log, up to a position that the projection has reached.</summary>
    public async Task<ReadModelCheck> Check(long position, CancellationToken cancellationToken)
    {
        var count = await store.Storage.Documents.Count(collection, [], cancellationToken).ConfigureAwait(false);
        var passes = (int)(count / DocumentsPerPass) + 1;
        for (var pass = 0; pass < passes; pass++)
        {
            var folded = await Fold(position, pass, passes, cancellationToken).ConfigureAwait(false);
            await Compare(folded, position, pass, passes, cancellationToken).ConfigureAwait(false);
        }
        return new ReadModelCheck(collection, position, _compared, _changedMeanwhile, _differences);
    }

    private static bool BelongsToPass(string key, int pass, int passes) =>
        (uint)string.GetHashCode(key, StringComparison.Ordinal) % (uint)passes == pass;

    private async Task<Dictionary<string, TDocument>> Fold(
        long position, int pass, int passes, CancellationToken cancellationToken)
    {
        var documents = new Dictionary<string, TDocument>(StringComparer.Ordinal);
        // The documents lack blocked and skipped events, and contain the corrected form of corrected events.
        var decisions = (
            await ReadModelDeadLetters.Load(store, collection, cancellationToken).ConfigureAwait(false)).ToDecisions();
        var filter = EventFilter.OfTypes(StoredEventTypes.NamesOf(store.Types, definition.Events));
        var recreations = definition.Lifecycle == ProjectionLifecycle.Inline
            ? await StreamRecreations.Read(store, cancellationToken).ConfigureAwait(false)
            : null;
        await foreach (var recorded in
            store.Reader.ReadUncounted(filter, 1, false, cancellationToken).ConfigureAwait(false))
        {
            if (recorded.Position > position)
                break;
            if (recreations is not null && !definition.Covers(recorded.Stream))
                continue;
            if (recreations?.IsRecreated(recorded) == true)
                documents.Remove(recorded.Stream.Key);
            foreach (var (routed, key) in RoutesOf(recorded, decisions))
            {
                var text = recreations is null ? _format.KeyText(key) : _format.KeyText(key, recorded.Stream);
                if (BelongsToPass(text, pass, passes))
                    Set(
                        documents,
                        text,
                        _projection.FoldParts(key, documents.GetValueOrDefault(text), routed));
            }
        }
        return documents;
    }

    /// <summary>
    /// Returns the documents of an event, with the payload of the event for each document. An unreadable event has no
    /// documents unless it was corrected.
    /// </summary>
    private List<(RecordedEvent Recorded, TKey Key)> RoutesOf(
        RecordedEvent recorded, DeadLetterResolutions decisions) =>
        recorded.Data is UnreadableEvent && ReferenceEquals(decisions.Correct(recorded, ""), recorded)
            ? []
            : new DocumentRouting<TKey>(_projection.FindKeys, _format.KeyText).Of(recorded, decisions);

    private static void Set(Dictionary<string, TDocument> documents, string key, TDocument? document)
    {
        if (document is null)
            documents.Remove(key);
        else
            documents[key] = document;
    }

    private async Task Compare(
        Dictionary<string, TDocument> folded, long position, int pass, int passes, CancellationToken cancellationToken)
    {
        DocumentCursor? after = null;
        do
        {
            var query = new DocumentQuery
            {
                Collection = collection,
                After = after,
                Limit = DocumentsPerPage,
                WithFields = true,
            };
            var page = await store.Storage.Documents.Query(query, cancellationToken).ConfigureAwait(false);
            foreach (var stored in page.Documents)
            {
                if (BelongsToPass(stored.Key, pass, passes))
                    await Compare(stored, folded, position, cancellationToken).ConfigureAwait(false);
            }
            after = page.Next;
        }
        while (after is not null);
        var now = store.Time.GetUtcNow();
        foreach (var (key, document) in folded)
        {
            // The consumer removes expired documents.
            if (_format.Expiry?.IsExpired(document, now) != true)
                await CompareMissing(key, position, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask Compare(
        Document stored, Dictionary<string, TDocument> folded, long position, CancellationToken cancellationToken)
    {
        var isFolded = folded.Remove(stored.Key, out var expected);
        if (stored.Position > position)
        {
            _changedMeanwhile++;
            return;
        }
        _compared++;
        if (!isFolded)
            AddDifference(stored.Key, "it is stored, but the log does not fold to a document");
        else if (!stored.Body.Span.SequenceEqual(_format.Write(expected!))) // Not null, because the key was found.
            AddDifference(stored.Key, "its stored content differs from the folded log");
        else if (await FindDifferingField(stored, expected!, cancellationToken).ConfigureAwait(false) is { } field)
            AddDifference(stored.Key, $"the column of '{field}' contains another value than the document");
    }

    /// <summary>
    /// Returns the first field whose column differs from the document. Returns null if no field differs, or if the
    /// storage does not return columns.
    /// </summary>
    private async ValueTask<string?> FindDifferingField(
        Document stored, TDocument expected, CancellationToken cancellationToken)
    {
        if (stored.Fields is not { } columns)
            return null;
        var values = _format.Fields(expected);
        if (store.Storage.Documents is IDocumentColumns documents)
            values = await documents.ToColumns(collection, values, cancellationToken).ConfigureAwait(false);
        if (columns.Count != values.Count)
            // The columns belong to another definition.
            return string.Join(", ", _format.Collection.Fields.Select(field => field.Name));
        for (var i = 0; i < values.Count; i++)
        {
            if (FieldOrder.Compare(columns[i], values[i]) != 0)
                return _format.Collection.Fields[i].Name;
        }
        return null;
    }

    /// <summary>Checks a folded document that no page contained. A later event may have removed it.</summary>
    private async ValueTask CompareMissing(string key, long position, CancellationToken cancellationToken)
    {
        if (store.Tail.Head.Position > position)
        {
            _changedMeanwhile++;
            return;
        }
        var stored = await store.Storage.Documents.Get(collection, key, cancellationToken).ConfigureAwait(false);
        _compared++;
        if (stored is null)
            AddDifference(key, "the log folds to a document, but none is stored");
    }

    private void AddDifference(string key, string problem)
    {
        if (_differences.Count < MaxDifferences)
            _differences.Add(new ReadModelDifference(key, problem));
    }
}
