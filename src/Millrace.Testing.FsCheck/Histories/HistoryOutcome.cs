namespace Millrace.Testing;

/// <summary>A history that was run: its commands, and what came of them.</summary>
/// <param name="Commands">The commands, those behind a broken rule as well.</param>
/// <param name="Events">All events: those given, and those raised.</param>
/// <param name="Steps">What came of each command.</param>
/// <param name="Last">The subject after them.</param>
/// <param name="Problem">The first rule that did not hold; null when all did.</param>
/// <param name="Trip">How its values are shown.</param>
internal sealed record HistoryOutcome<T>(
    IReadOnlyList<HistoryCommand<T>> Commands,
    IReadOnlyList<object> Events,
    IReadOnlyList<HistoryStep> Steps,
    T Last,
    HistoryProblem? Problem,
    RoundTrip Trip)
{
    public override string ToString() => string.Join("\n", HistoryText.Lines(Steps, Trip));
}
