namespace Millrace;

/// <summary>
/// The description of a version of a process. It contains the events that start the process, and the parts of the
/// process in the order in which they run.
/// </summary>
/// <param name="Name">The stable name.</param>
/// <param name="Context">The bounded context.</param>
/// <param name="Version">The version of the definition, from 1.</param>
public sealed record ProcessDescription(string Name, string Context, int Version)
{
    /// <summary>Gets the summary in the documentation of the process; null if it is not documented.</summary>
    public string? Summary { get; init; }

    /// <summary>Gets the full name of the process's class.</summary>
    public required string Type { get; init; }

    /// <summary>Gets the stored names of the events that start an instance.</summary>
    public IReadOnlyList<string> StartedBy { get; init; } = [];

    /// <summary>Gets the parts of the process, in order.</summary>
    public IReadOnlyList<ProcessPart> Parts { get; init; } = [];

    /// <summary>Gets the rule for events that no instance waits for.</summary>
    public UnexpectedEvents Unexpected { get; init; }

    /// <summary>
    /// Gets the stored names of all events of the process. These are the events that start it, that it waits for, or on
    /// which a decision depends.
    /// </summary>
    public IReadOnlyList<string> Events =>
        [.. StartedBy.Concat(AllParts.Select(part => part.Event).OfType<string>()).Distinct(StringComparer.Ordinal)];

    /// <summary>
    /// Gets the names of the commands that the process sends, including commands that compensate steps.
    /// </summary>
    public IReadOnlyList<string> Sends =>
        [.. AllParts.SelectMany(part => part.Sends.Concat(part.UndoneBy)).Distinct(StringComparer.Ordinal)];

    private IEnumerable<ProcessPart> AllParts => Parts.SelectMany(part => part.WithInner());
}
