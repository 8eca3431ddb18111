using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>No version is given to two documents, and the header is not written with each.</summary>
public sealed class DocumentVersionTests : IDisposable
{
    private static readonly CollectionDefinition Things = new("things", []);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Versions_increase_with_any_writer_and_after_rollbacks()
    {
        var versions = new List<long>();
        await using (var other = await Open())
        {
            await using var first = await Open();
            foreach (var storage in (SqliteStorage[])[first, first, other, other, first, other, first])
                versions.Add(await Put(storage));
            // Has taken one, and is rolled back.
            await Assert.ThrowsAsync<StorageException>(() => Put(first, fields: 1));
            versions.Add(await Put(first));
            versions.Add(await Put(other));
        }
        await using var again = await Open();
        versions.Add(await Put(again));

        Assert.Equal(versions.Distinct().Order(), versions);
        Assert.True((await again.Maintenance.Verify(null, Given.Cancel)).IsSound);
    }

    [Fact]
    public async Task The_header_is_written_once_for_many_documents_and_never_behind_them()
    {
        await using var storage = await Open();
        using var reader = Connection.Open(_directory["shop.db"], ConnectionKind.Read, TimeSpan.Zero);
        var headers = new HashSet<long>();

        for (var i = 0; i < 2_500; i++)
        {
            var version = await Put(storage);
            var header = DocumentWriter.Reserved(reader);
            headers.Add(header);
            Assert.True(header >= version, $"The header says {header}, and {version} was given.");
        }

        Assert.InRange(headers.Count, 2, 4);
    }

    private async Task<SqliteStorage> Open()
    {
        var storage = await Given.Open(
            _directory["shop.db"], options => options.Synchronous = SqliteSynchronous.Normal);
        await storage.Documents.EnsureCollection(Things, Given.Cancel);
        return storage;
    }

    private static async Task<long> Put(SqliteStorage storage, int fields = 0)
    {
        var change = new DocumentChange
        {
            Collection = "things",
            Key = "one",
            Body = new byte[] { 1 },
            Fields = new FieldValue[fields],
        };
        return (await storage.Commit(new CommitRequest { Documents = [change] })).DocumentVersion;
    }
}
