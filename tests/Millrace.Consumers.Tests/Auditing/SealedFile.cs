using Microsoft.Data.Sqlite;
using Millrace.Sqlite;

namespace Millrace.Tests.Auditing;

/// <summary>A copy of a sealed SQLite store for one test, which the test manipulates with SQL.</summary>
internal sealed class SealedFile : IDisposable
{
    private static readonly Lazy<Task<SealedFile>> Template = new(CreateTemplate);

    private SealedFile(SealKeys keys) => Keys = keys;

    public SealKeys Keys { get; }

    public string Path => System.IO.Path.Combine(Keys.Directory, "shop.db");

    public static async Task<SealedFile> Copy()
    {
        var template = await Template.Value;
        var copy = new SealedFile(new SealKeys());
        foreach (var file in Directory.EnumerateFiles(template.Keys.Directory))
            File.Copy(file, System.IO.Path.Combine(copy.Keys.Directory, System.IO.Path.GetFileName(file)), true);
        return copy;
    }

    public SqliteStorage Open() => new(Path);

    public Task<SealReport> Verify(SealEvidence? evidence = null) =>
        SealedLog.Verify(Open(), evidence ?? Keys.Evidence());

    /// <summary>Runs SQL in the file. <c>{tiles}</c> is the table of the stored hashes.</summary>
    public void Run(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        using var find = new SqliteCommand("SELECT id FROM collections WHERE name = 'seal-tiles'", connection);
        var tiles = $"doc_{find.ExecuteScalar()}";
        using var command = new SqliteCommand(sql.Replace("{tiles}", tiles, StringComparison.Ordinal), connection);
        Assert.True(command.ExecuteNonQuery() != 0, "The SQL changed nothing.");
    }

    public void Dispose() => Keys.Dispose();

    private static async Task<SealedFile> CreateTemplate()
    {
        var file = new SealedFile(new SealKeys());
        AppDomain.CurrentDomain.ProcessExit += (_, _) => file.Dispose();
        await SealedLog.Fill(file.Open(), file.Keys);
        return file;
    }
}
