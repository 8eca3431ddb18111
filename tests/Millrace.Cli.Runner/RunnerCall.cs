namespace Millrace.Cli.Runner;

/// <summary>One call of the tool.</summary>
/// <param name="Directory">Where the tool runs.</param>
/// <param name="Variables">What its environment differs in: null removes a variable.</param>
/// <param name="Arguments">What the tool is called with.</param>
internal sealed record RunnerCall(
    string Directory, IReadOnlyDictionary<string, string?> Variables, IReadOnlyList<string> Arguments);
