using Millrace.Testing.Differences;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>The description of a history that breaks a rule.</summary>
/// <param name="Problem">The problem; null if it could not be reproduced.</param>
/// <param name="Code">The shortest history as a test to copy; null if it cannot be written as code.</param>
/// <param name="Length">The length of the history before it was shortened, such as <c>12 commands</c>.</param>
internal sealed record HistoryFinding(FailureText? Problem, IReadOnlyList<string>? Code, string Length);
