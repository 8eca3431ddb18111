using Millrace.Storage;

namespace Millrace;

/// <summary>
/// Thrown when the key store or the master key cannot be used. Reads and writes of encrypted values then fail as if the
/// database of the store were not available; nothing was written.
/// </summary>
public sealed class KeyStoreException : StorageException
{
    /// <summary>Creates an error.</summary>
    public KeyStoreException(string message, StorageProblem problem, Exception? innerException = null)
        : base(message, problem, innerException)
    {
    }

    /// <summary>
    /// Gets the id of the data key that the key store does not contain; null for other problems.
    /// </summary>
    public string? KeyId { get; init; }

    /// <summary>
    /// Gets the position of the first event that was read and needs the missing data key; null if it is not known.
    /// </summary>
    public long? Position { get; init; }

    /// <summary>Returns the error about a data key that the key store does not contain.</summary>
    internal static KeyStoreException OfMissingKey(string keyStore, string keyId, long? position) =>
        new(
            $"{keyStore} does not contain the data key {keyId}"
                + (position is null ? "" : $", which the event at position {position} needs")
                + ". Restore the newest backup of the key store. If the key is lost for ever: millrace keys lost "
                + keyId,
            StorageProblem.Damaged)
        {
            KeyId = keyId,
            Position = position,
        };
}

/// <summary>
/// Thrown when an append contains personal data of a data subject that was erased. The request wrote nothing.
/// </summary>
public sealed class SubjectErasedException(string type, string path, string kind)
    : MillraceException(
        $"'{type}' contains {kind} data at {path} of a data subject whose data was erased. Append no further data of "
            + "this subject, or use another id for a person who registers again.")
{
    /// <summary>Gets the stored name of the event type.</summary>
    public string Type { get; } = type;

    /// <summary>Gets the path of the member.</summary>
    public string Path { get; } = path;

    /// <summary>Gets the kind of data.</summary>
    public string Kind { get; } = kind;
}

/// <summary>
/// Thrown when a value that is marked as personal data or as a secret cannot be encrypted, for example because the
/// member with the id of its data subject is missing. The request wrote nothing.
/// </summary>
public sealed class ProtectedValueException(string type, string reason)
    : MillraceException($"'{type}' cannot be stored encrypted: {reason}")
{
    /// <summary>
    /// Gets the stored name of the event type, or the name of the read model, the request or the scope of claims.
    /// </summary>
    public string Type { get; } = type;

    /// <summary>Gets the reason. It never contains the value.</summary>
    public string Reason { get; } = reason;
}

/// <summary>
/// Thrown when a query sorts by an encrypted member, or compares it for another relation than equality. The index
/// contains keyed hashes of its values, which have no order.
/// </summary>
public sealed class EncryptedFieldException : MillraceException
{
    private EncryptedFieldException(string field, string problem)
        : base(
            $"The field '{field}' is encrypted, and its index contains hashes: {problem}. Use Equal or NotEqual, or "
                + "index another member that is not marked.") => Field = field;

    /// <summary>Gets the name of the field.</summary>
    public string Field { get; }

    internal static EncryptedFieldException OfOrder(string field) => new(field, "documents cannot be sorted by it");

    internal static EncryptedFieldException OfComparison(string field, Comparison comparison) =>
        new(field, $"it cannot be compared with {comparison}");
}
