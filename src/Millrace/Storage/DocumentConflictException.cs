namespace Millrace.Storage;

/// <summary>A document is not at the version that a change expected. Nothing was written.</summary>
public sealed class DocumentConflictException(string collection, string key, long expected, long actual)
    : MillraceException(
        $"Document '{key}' of '{collection}' is at version {actual}, but the change expected {expected}. Read it again."
    )
{
    /// <summary>The collection.</summary>
    public string Collection { get; } = collection;

    /// <summary>The document's key.</summary>
    public string Key { get; } = key;

    /// <summary>The version that the change expected.</summary>
    public long Expected { get; } = expected;

    /// <summary>The version it has; 0 when it does not exist.</summary>
    public long Actual { get; } = actual;
}
