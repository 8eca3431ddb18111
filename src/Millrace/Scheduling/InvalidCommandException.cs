namespace Millrace;

/// <summary>A command that was told by its name and its JSON is none: no handler has that name, or the JSON does not
/// read.</summary>
public sealed class InvalidCommandException(string command, string problem)
    : MillraceException($"The command '{command}' cannot be sent: {problem}")
{
    /// <summary>The name that was told.</summary>
    public string Command { get; } = command;

    /// <summary>Why it cannot be sent.</summary>
    public string Problem { get; } = problem;
}
