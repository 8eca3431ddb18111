using Millrace.Testing.Specifications;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>An executed history: its commands and their results.</summary>
/// <param name="Commands">The commands, including those after a broken rule.</param>
/// <param name="Events">The given and raised events.</param>
/// <param name="Steps">The result of each command.</param>
/// <param name="Last">The final subject.</param>
/// <param name="Problem">The first broken rule; null if all held.</param>
/// <param name="RoundTrip">Displays values.</param>
internal sealed record HistoryOutcome<T>(
    IReadOnlyList<HistoryCommand<T>> Commands,
    IReadOnlyList<object> Events,
    IReadOnlyList<HistoryStep> Steps,
    T Last,
    HistoryProblem? Problem,
    RoundTrip RoundTrip)
{
    public override string ToString() => string.Join("\n", HistoryText.Lines(Steps, RoundTrip));
}
