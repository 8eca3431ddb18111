namespace Millrace;

/// <summary>
/// A version of a process: the events that start it, and its parts in the order in which they happen.
/// </summary>
/// <param name="Name">The stable name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Version">The version of the definition, from 1.</param>
public sealed record ProcessDescription(string Name, string Context, int Version)
{
    /// <summary>Gets the summary of its documentation; null if it has none.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets the full name of its class.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the stored names of the events that start an instance.</summary>
    public IReadOnlyList<string> BegunBy { get; init; } = [];

    /// <summary>Gets its parts, in order.</summary>
    public IReadOnlyList<ProcessPart> Parts { get; init; } = [];

    /// <summary>Gets what happens to events that no instance waits for.</summary>
    public UnexpectedEvents Unexpected { get; init; }

    /// <summary>
    /// Gets the stored names of all its events: those that start it, those it waits for, and those it decides by.
    /// </summary>
    public IReadOnlyList<string> Events =>
        [.. BegunBy.Concat(AllParts.Select(part => part.Event).OfType<string>()).Distinct(StringComparer.Ordinal)];

    /// <summary>Gets the names of the commands that it sends, including those that compensate.</summary>
    public IReadOnlyList<string> Sends =>
        [.. AllParts.SelectMany(part => part.Sends.Concat(part.UndoneBy)).Distinct(StringComparer.Ordinal)];

    private IEnumerable<ProcessPart> AllParts => Parts.SelectMany(part => part.WithInner());
}
