namespace Millrace.Tests;

/// <summary>A SQLite file of one test. Disposing it deletes the file and its directory.</summary>
internal sealed class ShopFile : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-evolution-").FullName;

    public string Path => System.IO.Path.Combine(_directory, "shop.db");

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
