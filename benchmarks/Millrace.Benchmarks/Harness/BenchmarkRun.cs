namespace Millrace.Benchmarks.Harness;

/// <summary>What the scenarios of one run share.</summary>
internal sealed class BenchmarkRun(Sizes sizes, string scratchParent, TextWriter output) : IDisposable
{
    private ScratchDirectory? _logDirectory;
    private string? _logFile;

    public Sizes Sizes { get; } = sizes;

    /// <summary>Makes a directory for one round.</summary>
    public ScratchDirectory NewDirectory() => new(scratchParent);

    /// <summary>Tells people what is going on.</summary>
    public void Say(string text) => output.WriteLine(text);

    /// <summary>The file of a log that is read by several scenarios; made by the first that needs it.</summary>
    public async Task<string> GetLog()
    {
        if (_logFile is not null)
            return _logFile;
        _logDirectory = NewDirectory();
        var file = _logDirectory.File("log.db");
        await Stores.Fill(file, Sizes.LogEvents);
        return _logFile = file;
    }

    public void Dispose() => _logDirectory?.Dispose();
}
