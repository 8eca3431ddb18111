namespace Millrace.Cli;

/// <summary>Ends a command with a message and an exit code.</summary>
internal sealed class CliException(ExitCode code, string message, string? hint = null) : Exception(message)
{
    /// <summary>What the calling program is told.</summary>
    public ExitCode Code { get; } = code;

    /// <summary>What to do next.</summary>
    public string? Hint { get; } = hint;
}
