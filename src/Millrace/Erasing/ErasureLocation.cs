namespace Millrace;

/// <summary>A place that an erasure searched, changed or verified, such as the log or the documents.</summary>
/// <param name="Name">The name of the place.</param>
/// <param name="Method">The method, as a sentence.</param>
/// <param name="Rows">The number of inspected rows.</param>
public sealed record ErasureLocation(string Name, string Method, long Rows)
{
    /// <summary>Gets the number of rows with data of the subject.</summary>
    public long Matches { get; init; }

    /// <summary>Gets the number of rows that were removed or rewritten.</summary>
    public long Changed { get; init; }

    /// <summary>
    /// Gets the number of rows with a short or common value, such as a city, that cannot be attributed to the subject.
    /// </summary>
    public long CommonValues { get; init; }

    /// <summary>
    /// Gets the rows that still contain data of the subject; at most the first hundred. They never contain the value.
    /// </summary>
    public IReadOnlyList<string> Findings { get; init; } = [];
}
