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
