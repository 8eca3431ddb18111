using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Finds collections whose documents an earlier build stored under other texts of their keys. They are built anew: two keys may have shared
/// a document, or equal keys have had several.
/// </summary>
internal static class FormerKeys
{
    private const int PageDocuments = 1_000;
    private const int MaxPages = 10;

    private static readonly Type[] Changed =
        [typeof(bool), typeof(decimal), typeof(double), typeof(float), typeof(Half), typeof(DateTime), typeof(DateTimeOffset)];

    /// <summary>Ensures a collection whose documents are stored under the present texts of their keys.</summary>
    public static async ValueTask EnsureCollection<TKey>(
        IDocumentStorage documents, CollectionDefinition collection, CancellationToken cancellationToken)
        where TKey : notnull
    {
        await documents.EnsureCollection(collection, cancellationToken).ConfigureAwait(false);
        if (!Changed.Contains(typeof(TKey)) || !await HasAny<TKey>(documents, collection.Name, cancellationToken).ConfigureAwait(false))
            return;
        // A change of the fields removes the documents and sets the checkpoint back, in one commit.
        var other = collection with { Fields = [.. collection.Fields, new FieldDefinition("formerKeys", FieldKind.Integer)] };
        await documents.EnsureCollection(other, cancellationToken).ConfigureAwait(false);
        await documents.EnsureCollection(collection, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<bool> HasAny<TKey>(IDocumentStorage documents, string collection, CancellationToken cancellationToken)
        where TKey : notnull
    {
        DocumentCursor? after = null;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var query = new DocumentQuery { Collection = collection, After = after, Limit = PageDocuments };
            var page = await documents.Query(query, cancellationToken).ConfigureAwait(false);
            if (page.Documents.Any(document => IsFormer<TKey>(document.Key)))
                return true;
            after = page.Next;
            if (after is null)
                return false;
        }
        return false;
    }

    private static bool IsFormer<TKey>(string key)
        where TKey : notnull
    {
        try
        {
            return KeyText.Of(KeyText.Parse<TKey>(key)) != key;
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            return false; // Not of this type: the projection's key was of another one.
        }
    }
}
