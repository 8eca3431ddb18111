namespace Millrace.Cli.Completion;

/// <summary>A completion candidate.</summary>
/// <param name="Text">The complete word.</param>
/// <param name="Meaning">A short description, which can be empty.</param>
internal sealed record CompletionCandidate(string Text, string Meaning);
