namespace Millrace;

/// <summary>The evidence outside the database against which the seals of a log are verified.</summary>
public sealed record SealEvidence
{
    /// <summary>
    /// Gets the paths of the PEM files with the public keys that may sign; empty by default, which accepts the keys in
    /// the log.
    /// </summary>
    public IReadOnlyList<string> KeyFiles { get; init; } = [];

    /// <summary>
    /// Gets the paths of the files with anchors, one on each line; empty by default. Without anchors, a user with
    /// access to the database and to a key could replace the whole log.
    /// </summary>
    public IReadOnlyList<string> AnchorFiles { get; init; } = [];

    /// <summary>
    /// Gets whether records of removals after the last anchor, or without anchors after the last seal, are accepted;
    /// false by default, which reports each of them as <see cref="SealFindingKind.RemovalNotCovered"/>. Such a record
    /// can be forged by a user with access to the database. Set it only after the removals were confirmed.
    /// </summary>
    public bool AcceptsNewRemovals { get; init; }
}
