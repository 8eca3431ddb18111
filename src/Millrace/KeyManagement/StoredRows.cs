using System.Runtime.CompilerServices;
using Millrace.Storage;

namespace Millrace.KeyManagement;

/// <summary>A page of rows with encrypted values.</summary>
/// <param name="Collection">The collection; null for dead letters and answers.</param>
/// <param name="Last">The key of the last row of the page, with or without encrypted values.</param>
/// <param name="Inspected">The number of rows that were read.</param>
/// <param name="Rows">The rows with encrypted values.</param>
internal sealed record StoredRowPage(
    string? Collection, string? Last, int Inspected, IReadOnlyList<StoredRow> Rows);

/// <summary>Reads all documents, dead letters and answers of a storage as they are stored, in pages.</summary>
internal static class StoredRows
{
    private const int PageRows = 200;

    /// <summary>
    /// Reads the collections in the order of their names, then the dead letters and the answers of handled commands.
    /// </summary>
    /// <param name="storage">The storage, without decryption.</param>
    /// <param name="collection">The collection in which to continue; null for the first.</param>
    /// <param name="after">The key after which to continue; null for the first.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async IAsyncEnumerable<StoredRowPage> Read(
        IStorage storage,
        string? collection,
        string? after,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var collections = await storage.Documents.List(cancellationToken).ConfigureAwait(false);
        var names = collections
            .Select(static info => info.Definition.Name)
            .Where(name => collection is null || string.CompareOrdinal(name, collection) >= 0)
            .Order(StringComparer.Ordinal);
        foreach (var name in names)
        {
            var query = new DocumentQuery
            {
                Collection = name,
                WithFields = true,
                Limit = PageRows,
                After = name == collection && after is not null ? new DocumentCursor(FieldValue.Null, after) : null,
            };
            while (await storage.Documents.QueryIfExists(query, cancellationToken).ConfigureAwait(false) is { } page)
            {
                if (page.Documents.Count > 0)
                    yield return new StoredRowPage(
                        name,
                        page.Documents[^1].Key,
                        page.Documents.Count,
                        Encrypted(page.Documents.Select(document => StoredRow.Of(name, document))));
                if (page.Next is not { } next)
                    break;
                query = query with { After = next };
            }
        }
        await foreach (var page in ReadDeadLetters(storage, cancellationToken).ConfigureAwait(false))
            yield return page;
        await foreach (var page in ReadAnswers(storage, cancellationToken).ConfigureAwait(false))
            yield return page;
    }

    /// <summary>Reads the answers. A storage that cannot list them has none; they expire.</summary>
    private static async IAsyncEnumerable<StoredRowPage> ReadAnswers(
        IStorage storage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HandledRecord? after = null;
        while (await storage.Log.ListHandled(after, PageRows, cancellationToken).ConfigureAwait(false)
            is { Count: > 0 } answers)
        {
            yield return new StoredRowPage(null, null, answers.Count, Encrypted(answers.Select(StoredRow.Of)));
            after = answers[^1];
        }
    }

    private static async IAsyncEnumerable<StoredRowPage> ReadDeadLetters(
        IStorage storage, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Limit = PageRows };
        while (true)
        {
            var letters = await storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
            if (letters.Count > 0)
                yield return new StoredRowPage(
                    null,
                    null,
                    letters.Count,
                    Encrypted(letters.Where(static letter => letter.EditedPayload is not null).Select(StoredRow.Of)));
            if (letters.Count < PageRows)
                yield break;
            query = query with { After = letters[^1].Id };
        }
    }

    private static List<StoredRow> Encrypted(IEnumerable<StoredRow> rows) =>
        [.. rows.Where(static row => row.Values.Count > 0)];
}
