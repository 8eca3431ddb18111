namespace Millrace;

/// <summary>
/// An index of several members that was built on advice. Each build of its read model gets the index.
/// </summary>
public sealed record AdvisedIndex
{
    /// <summary>Gets the name.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the name of the read model.</summary>
    public required string ReadModel { get; init; }

    /// <summary>Gets the members, in order.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>Gets the state.</summary>
    public AdvisedIndexState State { get; init; }

    /// <summary>Gets when the index was built first.</summary>
    public required DateTimeOffset BuiltAt { get; init; }

    /// <summary>Gets the estimated size in bytes when it was built.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Gets how many times faster the advised query was with the index when it was built.</summary>
    public double Speedup { get; init; }
}
