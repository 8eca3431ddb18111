namespace Millrace.Benchmarks.Harness;

/// <summary>A directory on the real disk for one round. Disposing it deletes the directory and its files.</summary>
/// <remarks>
/// The directory is below the working directory. The system's temporary directory is often in memory, where a sync
/// costs nothing.
/// </remarks>
internal sealed class ScratchDirectory : IDisposable
{
    private readonly string _path;

    public ScratchDirectory(string parent)
    {
        Directory.CreateDirectory(parent);
        _path = Path.Combine(parent, "millrace-bench-" + Guid.CreateVersion7().ToString("N"));
        Directory.CreateDirectory(_path);
    }

    public string File(string name) => Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
