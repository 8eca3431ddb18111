namespace Millrace.Testing;

/// <summary>A rule that a history breaks.</summary>
/// <param name="Text">What is wrong, in words.</param>
/// <param name="Expectation">How a specification of the last command says what should have come, as code; null where
/// none can.</param>
internal sealed record HistoryProblem(FailureText Text, string? Expectation = null);
