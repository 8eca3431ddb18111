namespace Millrace;

/// <summary>Thrown when a command that is given by name and JSON is unknown, or when its JSON is not valid.</summary>
public sealed class InvalidCommandException(string command, string problem)
    : MillraceException($"The command '{command}' cannot be sent: {problem}")
{
    /// <summary>Gets the name of the command.</summary>
    public string Command { get; } = command;

    /// <summary>Gets the reason why the command cannot be sent.</summary>
    public string Problem { get; } = problem;
}
