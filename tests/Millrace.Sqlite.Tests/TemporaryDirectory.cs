namespace Millrace.Sqlite.Tests;

/// <summary>A directory for one test, which Dispose deletes with its content.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("millrace-sqlite-").FullName;

    public string this[string name] => System.IO.Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
