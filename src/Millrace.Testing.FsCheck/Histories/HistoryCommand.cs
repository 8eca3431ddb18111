namespace Millrace.Testing;

/// <summary>A command of a generated history, with the arguments it was made with.</summary>
/// <param name="Name">What it is called in failures.</param>
/// <param name="Arguments">What it was given; null for nothing.</param>
/// <param name="Run">Has the subject do it, and returns the events that it raised.</param>
internal sealed record HistoryCommand<T>(string Name, object? Arguments, Func<T, IReadOnlyList<object>> Run)
{
    /// <summary>The same with simpler arguments, the simplest first; none where they stay as they were made.</summary>
    public Func<IEnumerable<HistoryCommand<T>>> Simpler { get; init; } = static () => [];

    /// <summary>How the test calls it, as code; null where nobody knows.</summary>
    public string? Code { get; init; }
}
