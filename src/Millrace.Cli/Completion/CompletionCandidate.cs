namespace Millrace.Cli.Completion;

/// <summary>What may stand where somebody types.</summary>
/// <param name="Text">The whole word.</param>
/// <param name="Meaning">What it is, in a few words; may be empty.</param>
internal sealed record CompletionCandidate(string Text, string Meaning);
