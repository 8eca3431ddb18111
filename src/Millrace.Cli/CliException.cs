namespace Millrace.Cli;

/// <summary>Stops a command with a message and an exit code.</summary>
internal sealed class CliException(ExitCode code, string message, string? hint = null) : Exception(message)
{
    /// <summary>Gets the exit code.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>Gets a text that tells the user what to do next, or null when there is no advice.</summary>
    public string? Hint { get; } = hint;
}
