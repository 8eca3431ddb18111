namespace Millrace.Testing;

/// <summary>What is told of a history that breaks a rule.</summary>
/// <param name="Problem">What is wrong; null when it was not wrong again.</param>
/// <param name="Code">The shortest one as a test to be copied; null when it cannot be written so.</param>
/// <param name="Length">How long the one was that was found first: <c>12 commands</c>.</param>
internal sealed record HistoryFinding(FailureText? Problem, IReadOnlyList<string>? Code, string Length);
