using Millrace.Cli.Output;

namespace Millrace.Cli.CloudEvents;

/// <summary>The open files of an import.</summary>
internal sealed class EventFiles : IAsyncDisposable
{
    private const int MaxFiles = 500; // Each open file needs a handle and about 200 KB.

    private readonly List<EventFileReader> _all = [];

    private EventFiles()
    {
    }

    public IReadOnlyList<EventFileReader> All => _all;

    /// <summary>Opens files, or standard input without names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="isGzip">True when all files are compressed, whatever their names.</param>
    /// <param name="reader">Parses an event.</param>
    /// <exception cref="CliException">A file does not exist, or the files cannot be imported together.</exception>
    public static async Task<EventFiles> Open(IReadOnlyList<string> names, bool isGzip, CloudEventReader reader)
    {
        if (names.Count > MaxFiles)
            throw new CliException(
                ExitCode.Usage,
                $"{TextTable.Number(names.Count)} files are too many: the maximum is {MaxFiles}.",
                "Import them in several commands, the oldest first, with --retime if they overlap in time.");
        if (names.Count > 1 && names.Any(EventFile.IsStandard))
            throw new CliException(ExitCode.Usage, "Standard input cannot be imported together with files.");
        var files = new EventFiles();
        try
        {
            foreach (var name in names.Count == 0 ? [null] : names.AsEnumerable<string?>())
                files._all.Add(new EventFileReader(
                    EventFile.Read(name, EventFile.IsCompressed(name, isGzip)),
                    reader,
                    names.Count > 1 ? Path.GetFileName(name) : null));
            return files;
        }
        catch
        {
            await files.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var file in _all)
            await file.DisposeAsync();
    }
}
