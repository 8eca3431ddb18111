namespace Millrace.Testing.HistoryGeneration;

/// <summary>A command of a generated history, with its arguments.</summary>
/// <param name="Name">The name of the command in failures.</param>
/// <param name="Arguments">The arguments; null for none.</param>
/// <param name="Run">Executes the command on the subject, and returns the raised events.</param>
internal sealed record HistoryCommand<T>(string Name, object? Arguments, Func<T, IReadOnlyList<object>> Run)
{
    /// <summary>
    /// Returns the command with simpler arguments, simplest first; none if the arguments are not shrunk.
    /// </summary>
    public Func<IEnumerable<HistoryCommand<T>>> Simpler { get; init; } = static () => [];

    /// <summary>Gets the code of the call in the test, or null if unknown.</summary>
    public string? Code { get; init; }
}
