namespace Millrace;

/// <summary>The result of the replacement of plain claims by hashes.</summary>
public sealed record ClaimProtectionResult
{
    /// <summary>Gets the id of the operation, which its events contain.</summary>
    public required Guid Id { get; init; }

    /// <summary>Gets the scope.</summary>
    public required string Scope { get; init; }

    /// <summary>Gets whether an earlier call started the operation and was interrupted.</summary>
    public bool WasContinued { get; init; }

    /// <summary>Gets the number of claims that were replaced by this call.</summary>
    public required long Replaced { get; init; }

    /// <summary>
    /// Gets the owners of claims that are still plain, because another owner has the hash of the same value; at most
    /// 100. Release these claims, or those of the other owner, and run the operation again.
    /// </summary>
    public required IReadOnlyList<string> Conflicts { get; init; }
}
