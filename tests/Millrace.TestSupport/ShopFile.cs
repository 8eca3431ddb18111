using Millrace.Sqlite;

namespace Millrace.TestSupport;

/// <summary>An SQLite file for one test, which Dispose deletes with its directory.</summary>
internal sealed class ShopFile : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-consumers-").FullName;

    public string Path => System.IO.Path.Combine(_directory, "shop.db");

    public SqliteStorage Open() => new(Path);

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
