using Millrace.Sqlite.Documents;
using Millrace.Sqlite.Driver;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>Tests that document versions are unique, although the header is not written with each document.</summary>
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
            // This transaction uses a version and is rolled back.
            await Assert.ThrowsAsync<StorageException>(() => Put(first, fields: 1));
            versions.Add(await Put(first));
            versions.Add(await Put(other));
        }
        await using var reopened = await Open();
        versions.Add(await Put(reopened));

        Assert.Equal(versions.Distinct().Order(), versions);
        Assert.True((await reopened.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [Fact]
    public async Task The_header_reserves_versions_for_many_documents_before_they_are_used()
    {
        await using var storage = await Open();
        using var reader = Connection.Open(_directory["shop.db"], ConnectionKind.Read, TimeSpan.Zero);
        var headers = new HashSet<long>();

        for (var i = 0; i < 2_500; i++)
        {
            var version = await Put(storage);
            var header = DocumentWriter.Reserved(reader);
            headers.Add(header);
            Assert.True(
                header >= version, $"The header reserves versions up to {header}, but version {version} was used.");
        }

        Assert.InRange(headers.Count, 2, 4);
    }

    private async Task<SqliteStorage> Open()
    {
        var storage = await TestData.Open(
            _directory["shop.db"], options => options.Synchronous = SqliteSynchronous.Normal);
        await storage.Documents.EnsureCollection(Things, TestData.Cancel);
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
