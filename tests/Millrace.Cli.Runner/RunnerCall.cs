namespace Millrace.Cli.Runner;

/// <summary>One call of the tool.</summary>
/// <param name="Directory">The working directory of the tool.</param>
/// <param name="Variables">The environment variables to set. A null value removes the variable.</param>
/// <param name="Arguments">The command-line arguments of the tool.</param>
internal sealed record RunnerCall(
    string Directory, IReadOnlyDictionary<string, string?> Variables, IReadOnlyList<string> Arguments);
