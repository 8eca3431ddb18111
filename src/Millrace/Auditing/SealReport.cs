namespace Millrace;

/// <summary>The result of verifying a log against its seals.</summary>
public sealed record SealReport
{
    /// <summary>Gets the last position of the log.</summary>
    public required long Head { get; init; }

    /// <summary>Gets the number of events that were read.</summary>
    public required long Events { get; init; }

    /// <summary>Gets the number of removed events with a record.</summary>
    public required long RemovedEvents { get; init; }

    /// <summary>
    /// Gets the number of records of removals after the last anchor, or without anchors after the last seal. Each of
    /// them can be forged.
    /// </summary>
    public required long NewRemovals { get; init; }

    /// <summary>Gets the number of seals.</summary>
    public required long Seals { get; init; }

    /// <summary>Gets the last sealed position; 0 if there is no seal.</summary>
    public required long SealedThrough { get; init; }

    /// <summary>Gets the number of anchors.</summary>
    public required long Anchors { get; init; }

    /// <summary>
    /// Gets the last position that an anchor covers; 0 if there is no anchor. No change up to this position remains
    /// undetected, even if the database and the key are under the control of an attacker.
    /// </summary>
    public required long AnchoredThrough { get; init; }

    /// <summary>Gets the ids of the keys that signed seals: the SHA-256 hashes of the public keys.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Gets the number of findings.</summary>
    public required long FindingCount { get; init; }

    /// <summary>Gets the first 1,000 findings.</summary>
    public required IReadOnlyList<SealFinding> Findings { get; init; }

    /// <summary>Gets the number of positions after the last seal, which are not protected yet.</summary>
    public long Unsealed => Math.Max(0, Head - SealedThrough);

    /// <summary>Gets whether the log is sealed and there are no findings.</summary>
    public bool IsSound => FindingCount == 0;
}
