using System.IO.Compression;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests.StoredVersions;

/// <summary>
/// Tests one file for each schema version, written by the Millrace version of that time. The current version opens
/// each file and finds all its content.
/// </summary>
public sealed class StoredVersionTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<int> Versions => [.. Enumerable.Range(1, StoreSchema.Version)];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_store_of_every_version_opens_reads_and_is_sound(int version)
    {
        var path = await Unpack(version);

        await using var storage = await TestData.Open(path);

        await StoredStore.AssertIs(storage, version);
        Assert.Empty(await Problems(storage));
        Assert.Equal(StoreSchema.Version, (await storage.Maintenance.GetInfo(TestData.Cancel)).SchemaVersion);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_store_of_every_version_is_upgraded(int version)
    {
        await using var storage = await TestData.Open(await Unpack(version));

        var added = await storage.Commit(TestData.Append("order-1", ExpectedVersion.Exactly(6), TestData.Event()));
        var document = Assert.IsType<Document>(await storage.Documents.Get("sales@1", "2026-01", TestData.Cancel));
        var changed = await storage.Commit(
            new CommitRequest
            {
                Documents =
                [
                    new DocumentChange
                    {
                        Collection = "sales@1",
                        Key = document.Key,
                        FromVersion = document.Version,
                        Body = new byte[1],
                        Fields = [1m, "DE"],
                    },
                ],
            }
        );

        Assert.Equal((CommitResult.Committed, 17), (added.Result, added.Position));
        Assert.Equal(CommitResult.Committed, changed.Result);
        Assert.Empty(await Problems(storage));
    }

    [Fact]
    public async Task A_store_of_a_future_version_is_refused_with_advice_and_not_changed()
    {
        var path = await Unpack(StoreSchema.Version);
        using (var newer = Connection.Open(path, ConnectionKind.Write, TimeSpan.Zero))
            newer.Execute($"PRAGMA user_version = {StoreSchema.Version + 1}");
        var before = await File.ReadAllBytesAsync(path);

        var refused = await Assert.ThrowsAsync<StorageException>(() => TestData.Open(path));

        Assert.Equal(StorageProblem.TooNew, refused.Problem);
        Assert.Contains($"schema version {StoreSchema.Version + 1}", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"up to {StoreSchema.Version}", refused.Message, StringComparison.Ordinal);
        Assert.Contains("Use the version of Millrace that wrote it", refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(path));
    }

    private static async Task<IEnumerable<string>> Problems(SqliteStorage storage) =>
        (await storage.Maintenance.Verify(null, TestData.Cancel)).Checks.SelectMany(check => check.Problems);

    /// <summary>
    /// Copies the file of a version and returns the path. With UPDATE_STORED=1, writes the file of the newest version.
    /// </summary>
    private async Task<string> Unpack(int version)
    {
        var file = Path.Combine(SourceFolder(), $"version-{version}.db.gz");
        if (!File.Exists(file)
            && Environment.GetEnvironmentVariable("UPDATE_STORED") == "1"
            && version == StoreSchema.Version)
            await Write(file);
        Assert.True(
            File.Exists(file),
            $"There is no store of version {version}: UPDATE_STORED=1 ./test --only StoredVersion writes it.");
        var path = _directory[$"version-{version}.db"];
        await using var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        await using var unpacked = File.Create(path);
        await packed.CopyToAsync(unpacked);
        return path;
    }

    private async Task Write(string file)
    {
        var path = _directory["written.db"];
        await using (var storage = await TestData.Open(path))
            await StoredStore.Write(storage);
        await using var packed = new GZipStream(File.Create(file), CompressionLevel.SmallestSize);
        await using var written = File.OpenRead(path);
        await written.CopyToAsync(packed);
    }

    private static string SourceFolder() => RepositoryRoot.PathOf("tests", "Millrace.Sqlite.Tests", "StoredVersions");
}
