namespace Millrace;

/// <summary>The result of a re-encryption.</summary>
public sealed record ReencryptionResult
{
    /// <summary>Gets the id of the operation, which its events contain.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets the data subject; null for all values.</summary>
    public string? Subject { get; init; }

    /// <summary>Gets whether an earlier call started the operation and was interrupted.</summary>
    public bool WasContinued { get; init; }

    /// <summary>Gets the number of documents, dead letters and stored answers that were read.</summary>
    public required long Inspected { get; init; }

    /// <summary>Gets the number of those with values that were encrypted again.</summary>
    public required long Rewritten { get; init; }

    /// <summary>
    /// Gets the number of those that still contain a value of a replaced key: a node wrote them with a key in memory,
    /// or a value does not decrypt. Zero if the operation is complete.
    /// </summary>
    public required long Remaining { get; init; }
}
