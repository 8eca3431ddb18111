namespace Millrace.Testing;

/// <summary>A rule that holds after every command.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Holds">Whether it holds; what it throws means that it does not.</param>
/// <param name="Code">How a test says it; null where none can.</param>
internal sealed record HistoryRule<T>(string Name, Func<T, bool> Holds, string? Code)
{
    /// <summary>Whether it looks at what the subject does not show, so that a failure shows it.</summary>
    public bool UsesState { get; init; }
}
