using Millrace.Storage;

namespace Millrace.Planning;

/// <summary>
/// Creates an executable query of a shape. Its values are those of one stored document, because shapes contain none.
/// </summary>
internal static class SampleQuery
{
    private const int MaxSkipped = 10_000;
    private const int MaxPrefix = 3;
    private const int PageDocuments = 20;

    /// <summary>
    /// Returns the query; null if the collection is empty, lacks a field of the shape, or now contains hashes of values
    /// that the shape compares for order.
    /// </summary>
    /// <param name="documents">The documents as they are stored, with hashes of encrypted values.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="shape">The shape.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public static async ValueTask<DocumentQuery?> Create(
        IDocumentStorage documents,
        CollectionDefinition collection,
        QueryShape shape,
        CancellationToken cancellationToken)
    {
        if (!shape.Terms.All(term => Fits(collection, term.Field, term.Comparison))
            || (shape.OrderBy is { } order && !Fits(collection, order, Comparison.Less)))
            return null;
        var count = await documents.Count(collection.Name, [], cancellationToken).ConfigureAwait(false);
        var middle = new DocumentQuery
        {
            Collection = collection.Name,
            Skip = (int)Math.Min(count / 2, MaxSkipped),
            Limit = 1,
            WithFields = true,
        };
        var page = await documents.Query(middle, cancellationToken).ConfigureAwait(false);
        if (page.Documents is not [{ Fields: { } values }])
            return null;
        return new DocumentQuery
        {
            Collection = collection.Name,
            Conditions = [.. shape.Terms.Select(term => ConditionOf(term, collection, values))],
            OrderBy = shape.OrderBy,
            IsDescending = shape.IsDescending,
            Limit = PageDocuments,
        };
    }

    private static FieldCondition ConditionOf(
        QueryTerm term, CollectionDefinition collection, IReadOnlyList<FieldValue> values)
    {
        var index = IndexOf(collection, term.Field);
        var value = values[index];
        if (collection.Fields[index].Kind == FieldKind.Hash && value.Value is string hash)
            value = FieldValue.OfHash(hash);
        else if (term.Comparison == Comparison.StartsWith && value.Value is string { Length: > MaxPrefix } text)
            value = text[..MaxPrefix];
        return new FieldCondition(term.Field, term.Comparison, value);
    }

    private static bool Fits(CollectionDefinition collection, string field, Comparison comparison)
    {
        var index = IndexOf(collection, field);
        return index >= 0
            && (collection.Fields[index].Kind != FieldKind.Hash
                || comparison is Comparison.Equal or Comparison.NotEqual);
    }

    private static int IndexOf(CollectionDefinition collection, string field)
    {
        for (var i = 0; i < collection.Fields.Count; i++)
        {
            if (collection.Fields[i].Name == field)
                return i;
        }
        return -1;
    }
}
