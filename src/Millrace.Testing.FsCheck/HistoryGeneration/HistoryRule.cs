namespace Millrace.Testing.HistoryGeneration;

/// <summary>A rule that must hold after every command.</summary>
/// <param name="Name">The name of the rule.</param>
/// <param name="Holds">Returns true if the rule is met. An exception means that it is not.</param>
/// <param name="Code">The code of the rule in a test; null if unknown.</param>
internal sealed record HistoryRule<T>(string Name, Func<T, bool> Holds, string? Code)
{
    /// <summary>Gets whether the rule reads private state, so that a failure shows the state.</summary>
    public bool UsesState { get; init; }
}
