namespace Millrace.Storage;

/// <summary>
/// Thrown when a document does not have the version that a change expects. The request wrote nothing.
/// </summary>
public sealed class DocumentConflictException(string collection, string key, long expected, long actual)
    : MillraceException(
        $"Document '{key}' of '{collection}' is at version {actual}, but the change expected {expected}. Read it again."
    )
{
    /// <summary>Gets the collection.</summary>
    public string Collection { get; } = collection;

    /// <summary>Gets the key of the document.</summary>
    public string Key { get; } = key;

    /// <summary>Gets the version that the change expected.</summary>
    public long Expected { get; } = expected;

    /// <summary>Gets the version of the document; 0 if it does not exist.</summary>
    public long Actual { get; } = actual;
}
