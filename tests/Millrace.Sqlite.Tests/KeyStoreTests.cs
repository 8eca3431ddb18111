using System.Runtime.Versioning;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Keys;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests the file of a key store. The conformance suite tests its operations.</summary>
public sealed class KeyStoreTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 7, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_file_can_be_read_only_by_its_owner()
    {
        await using var keys = await Open("keys.db");
        await keys.Add(NewKey("customer-1"), CancellationToken.None);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_directory["keys.db"]));
        Assert.Equal([_directory["keys.db"]], Directory.GetFiles(_directory["."]).Select(Path.GetFullPath));
    }

    [UnixFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_file_that_everybody_can_read_is_reported()
    {
        await (await Open("keys.db")).DisposeAsync();
        File.SetUnixFileMode(
            _directory["keys.db"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var log = new LogLines();
        await using var keys = new SqliteKeyStore(_directory["keys.db"], null, log);

        await keys.Open(CancellationToken.None);

        Assert.Contains("chmod 600", Assert.Single(log.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_event_store_is_refused_and_not_changed()
    {
        await (await TestData.Open(_directory["shop.db"])).DisposeAsync();

        await AssertRefused("shop.db", "contains the events of a Millrace store");
    }

    [Fact]
    public async Task Other_files_are_refused_and_not_changed()
    {
        await File.WriteAllTextAsync(_directory["letter.txt"], new string('a', 5000));
        await File.WriteAllTextAsync(_directory["short.txt"], "ab");
        using (var other = Connection.Open(_directory["other.db"], ConnectionKind.Create, TimeSpan.Zero))
            other.Execute("CREATE TABLE people (name TEXT)");
        Directory.CreateDirectory(_directory["directory"]);

        await AssertRefused("letter.txt", "not an SQLite database");
        await AssertRefused("short.txt", "not an SQLite database");
        await AssertRefused("other.db", "another application");
        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Open("directory"));
        Assert.Equal(StorageProblem.NotAStore, refused.Problem);
    }

    [Fact]
    public async Task A_file_in_a_missing_directory_is_refused()
    {
        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Open("missing/keys.db"));

        Assert.Equal(StorageProblem.Unavailable, refused.Problem);
        Assert.Contains("missing", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused()
    {
        await (await Open("keys.db")).DisposeAsync();
        using (var other = Connection.Open(_directory["keys.db"], ConnectionKind.Write, TimeSpan.Zero))
            other.Execute("PRAGMA user_version = 2");

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Open("keys.db"));

        Assert.Equal(StorageProblem.TooNew, refused.Problem);
    }

    [Fact]
    public async Task An_event_store_refuses_a_key_store()
    {
        await (await Open("keys.db")).DisposeAsync();
        var before = await File.ReadAllBytesAsync(_directory["keys.db"]);

        var refused = await Assert.ThrowsAsync<StorageException>(() => TestData.Open(_directory["keys.db"]));

        Assert.Equal(StorageProblem.NotAStore, refused.Problem);
        Assert.Contains("contains the keys", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_directory["keys.db"]));
    }

    [Fact]
    public async Task An_application_with_one_file_for_events_and_keys_does_not_start()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace
            .UseSqlite(_directory["shop.db"])
            .UseSqliteKeys(Path.Combine(_directory["."], "shop.db"), "a long passphrase"));
        using var host = builder.Build();

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => host.StartAsync());

        Assert.Equal(StorageProblem.NotAStore, refused.Problem);
        Assert.Contains("apart from the events", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Invalid_settings_are_refused()
    {
        var services = new ServiceCollection();
        services.AddMillrace(millrace =>
        {
            Assert.Throws<ArgumentException>(() => millrace.UseSqliteKeys(" ", "a long passphrase"));
            Assert.Throws<ArgumentException>(() => millrace.UseSqliteKeys("{tenant}.db", "a long passphrase"));
            Assert.Throws<ArgumentException>(() => millrace.UseSqliteKeys("keys.db", "too short"));
            Assert.Throws<ArgumentException>(() => millrace.UseSqliteKeys("keys.db", _ => { }));
        });
    }

    [Fact]
    public async Task A_file_that_another_program_locks_is_busy_for_a_limited_time()
    {
        await using var keys = await Open("keys.db");
        var key = NewKey("customer-1");
        using (var other = Connection.Open(_directory["keys.db"], ConnectionKind.Write, TimeSpan.Zero))
        {
            other.Execute("BEGIN EXCLUSIVE");

            var refused = await Assert.ThrowsAsync<KeyStoreException>(() =>
                keys.Add(key, CancellationToken.None).AsTask().WaitAsync(TimeSpan.FromMinutes(1)));

            Assert.Equal(StorageProblem.Busy, refused.Problem);
            Assert.True(refused.IsTransient);
            other.Execute("ROLLBACK");
        }
        Assert.Equal(key.Id, (await keys.Add(key, CancellationToken.None)).Id);
    }

    [Fact]
    public async Task Two_key_stores_can_create_one_file_at_the_same_time()
    {
        for (var round = 0; round < 10; round++)
        {
            var path = $"keys-{round}.db";
            var opened = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
            {
                await using var keys = new SqliteKeyStore(_directory[path]);
                return (await keys.Open(CancellationToken.None)).Id;
            })));
            Assert.Single(opened.Distinct());
        }
    }

    private async Task AssertRefused(string name, string reason)
    {
        var before = await File.ReadAllBytesAsync(_directory[name]);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Open(name));

        Assert.Equal(StorageProblem.NotAStore, refused.Problem);
        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(_directory[name]));
    }

    private async Task<SqliteKeyStore> Open(string name)
    {
        var keys = new SqliteKeyStore(_directory[name]);
        try
        {
            await keys.Open(CancellationToken.None);
            return keys;
        }
        catch
        {
            await keys.DisposeAsync();
            throw;
        }
    }

    private static KeyRecord NewKey(string subject) => new()
    {
        Id = KeyFile.DestroyedRecord(new KeyOwner("", "", ""), Now).Id,
        Owner = new KeyOwner("", subject, "personal"),
        Wrapped = RandomNumberGenerator.GetBytes(60),
        MasterKeyId = "master-1",
        CreatedAt = Now,
    };

    private sealed class LogLines : ILogger
    {
        public List<string> Lines { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }

    [AttributeUsage(AttributeTargets.Method)]
    private sealed class UnixFactAttribute : FactAttribute
    {
        public UnixFactAttribute() => Skip = OperatingSystem.IsWindows() ? "Windows has no Unix file modes." : null;
    }
}
