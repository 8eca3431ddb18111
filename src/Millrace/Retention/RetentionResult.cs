namespace Millrace;

/// <summary>The result of a retention policy in a run.</summary>
/// <param name="Policy">The policy, such as <c>category cart: delete after 30 days</c>.</param>
public sealed record RetentionResult(string Policy)
{
    /// <summary>Gets the number of streams from which events are removed.</summary>
    public long Streams { get; init; }

    /// <summary>Gets the number of removed events.</summary>
    public long Events { get; init; }

    /// <summary>Gets the bytes of the payloads and metadata of the removed events.</summary>
    public long Bytes { get; init; }

    /// <summary>Gets the read models that read the removed events. A rebuild no longer includes these events.</summary>
    public IReadOnlyList<string> ReadModels { get; init; } = [];

    /// <summary>Gets the streams that have expired but are kept, by reason.</summary>
    public IReadOnlyList<RetentionKept> Kept { get; init; } = [];

    /// <summary>Gets the archive files.</summary>
    public IReadOnlyList<RetentionArchive> Archives { get; init; } = [];

    /// <summary>
    /// Gets the probable mistake in the policy, such as <c>no stream has the category 'crat'.</c>; null if there is
    /// none.
    /// </summary>
    public string? Warning { get; init; }

    /// <summary>Gets the number of data subjects whose personal data is erased.</summary>
    public long ErasedSubjects { get; init; }
}
