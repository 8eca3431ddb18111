namespace Millrace.Testing;

/// <summary>A command of a history, and what came of it.</summary>
/// <param name="Command">Its name.</param>
/// <param name="Arguments">What it was given; null for nothing.</param>
/// <param name="Events">What was raised, as it is read back; empty when it was refused or nothing was to do.</param>
/// <param name="Refusal">Why it was refused; null when it was not.</param>
public sealed record HistoryStep(
    string Command, object? Arguments, IReadOnlyList<object> Events, MillraceException? Refusal);
