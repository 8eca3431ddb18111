using System.Runtime.CompilerServices;

namespace Millrace.Storage;

/// <summary>Questions to a storage of documents.</summary>
internal static class DocumentStorageExtensions
{
    /// <summary>Returns whether a collection exists.</summary>
    public static async ValueTask<bool> HasCollection(
        this IDocumentStorage documents, string name, CancellationToken cancellationToken)
    {
        var all = await documents.ListDefinitions(cancellationToken).ConfigureAwait(false);
        return all.Any(definition => definition.Name == name);
    }

    /// <summary>Reads the documents of all pages of a query.</summary>
    /// <param name="documents">The storage.</param>
    /// <param name="query">The query for the first page; its limit is the size of each page.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async IAsyncEnumerable<Document> ReadAll(
        this IDocumentStorage documents,
        DocumentQuery query,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var page = await documents.Query(query, cancellationToken).ConfigureAwait(false);
            foreach (var document in page.Documents)
                yield return document;
            if (page.Next is not { } next)
                yield break;
            query = query with { After = next };
        }
    }

    /// <summary>Reads a page of documents; null if the collection was removed since.</summary>
    public static async ValueTask<DocumentPage?> QueryIfExists(
        this IDocumentStorage documents, DocumentQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await documents.Query(query, cancellationToken).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            if (await documents.HasCollection(query.Collection, cancellationToken).ConfigureAwait(false))
                throw;
            return null;
        }
    }
}
