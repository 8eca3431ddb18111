namespace Millrace.Cli.CloudEvents;

/// <summary>Thrown when a line of a file cannot be imported.</summary>
internal sealed class ImportException(ImportLine line, string problem, Exception? cause = null)
    : Exception($"{line}: {problem}", cause)
{
    public ImportLine Line { get; } = line;

    public string Problem { get; } = problem;
}
