namespace Millrace.Sqlite.Tests;

/// <summary>A directory of a test's own, deleted with all in it.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("millrace-sqlite-").FullName;

    public string this[string name] => System.IO.Path.Combine(_path, name);

    public void Dispose() => Directory.Delete(_path, recursive: true);
}
