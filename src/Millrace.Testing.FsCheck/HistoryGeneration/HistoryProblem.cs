using Millrace.Testing.Differences;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>A rule that a history breaks.</summary>
/// <param name="Text">The description of the problem.</param>
/// <param name="Expectation">The expectation for the last command in a specification, as code; null if it cannot be
/// expressed.</param>
internal sealed record HistoryProblem(FailureText Text, string? Expectation = null);
