namespace Millrace.Cli.CloudEvents;

/// <summary>Thrown when a line of a file cannot be imported.</summary>
internal sealed class ImportException(long line, string problem, Exception? cause = null)
    : Exception($"Line {line:N0}: {problem}", cause)
{
    public long Line { get; } = line;
}
