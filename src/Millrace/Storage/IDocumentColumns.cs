namespace Millrace.Storage;

/// <summary>A document storage whose columns can differ from the values of the documents.</summary>
internal interface IDocumentColumns
{
    /// <summary>
    /// Returns the columns of a document with these values. The columns of encrypted values are hashes.
    /// </summary>
    ValueTask<IReadOnlyList<FieldValue>> ToColumns(
        string collection, IReadOnlyList<FieldValue> fields, CancellationToken cancellationToken);
}
