namespace Millrace.Cli;

/// <summary>Stops a command with a message and an exit code.</summary>
internal sealed class CliException(ExitCode code, string message, string? hint = null) : Exception(message)
{
    /// <summary>The exit code.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What the user can do next.</summary>
    public string? Hint { get; } = hint;
}
