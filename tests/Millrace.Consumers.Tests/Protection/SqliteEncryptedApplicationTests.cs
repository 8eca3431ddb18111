using Microsoft.Data.Sqlite;

namespace Millrace.Tests.Protection;

/// <summary>Runs the tests of encrypted applications on SQLite files.</summary>
public sealed class SqliteEncryptedApplicationTests : EncryptedApplicationTests, IDisposable
{
    private const string LastOf =
        "position = (SELECT max(position) FROM events e JOIN streams s ON s.id = e.stream WHERE s.name = $stream)";

    private readonly string _directory = Directory.CreateTempSubdirectory("millrace-").FullName;

    private string StorePath => Path.Combine(_directory, "store.db");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }

    protected override void UseStore(MillraceBuilder millrace) => millrace.UseSqlite(StorePath);

    protected override void UseKeys(MillraceBuilder millrace, string passphrase) =>
        millrace.UseSqliteKeys(Path.Combine(_directory, "keys.db"), passphrase);

    protected override void UseOtherKeys(MillraceBuilder millrace) =>
        millrace.UseSqliteKeys(Path.Combine(_directory, "other.db"), Passphrase);

    protected override async Task<byte[]> ReadPayload(string stream) =>
        (byte[])(await Execute($"SELECT payload FROM events WHERE {LastOf}", stream, null))!;

    protected override Task WritePayload(string stream, byte[] payload) =>
        Execute($"UPDATE events SET payload = $payload WHERE {LastOf}", stream, payload);

    protected override async Task<IReadOnlyList<(string Name, byte[] Content)>> ReadFiles()
    {
        // Copies by another program, because closing a file here would release this process's locks on it.
        var copy = Path.Combine(_directory, "copy");
        Directory.CreateDirectory(copy);
        // SQLite can remove a file, such as a journal, in the meantime.
        for (var attempt = 1; await Run("cp", [.. Directory.GetFiles(_directory), copy]) != 0; attempt++)
            Assert.InRange(attempt, 1, 20);
        return [.. Directory.GetFiles(copy).Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)))];
    }

    private static async Task<int> Run(string program, string[] arguments)
    {
        using var process = System.Diagnostics.Process.Start(program, arguments);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private async Task<object?> Execute(string sql, string stream, byte[]? payload)
    {
        await using var connection = new SqliteConnection($"Data Source={StorePath};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.Parameters.AddWithValue("$stream", stream);
        if (payload is not null)
            command.Parameters.AddWithValue("$payload", payload);
        return await command.ExecuteScalarAsync();
    }
}
