using System.Text;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that the store loads new documents in bulk.</summary>
public sealed class LoadTests : StoreTests
{
    private const int DocumentCount = 1_000;

    private static readonly CollectionDefinition Wide = new(
        "wide@1",
        [
            new FieldDefinition("text", FieldKind.Text), new FieldDefinition("whole", FieldKind.Integer),
            new FieldDefinition("exact", FieldKind.Decimal), new FieldDefinition("real", FieldKind.Real),
        ]);

    [PostgreSqlFact]
    public async Task A_bulk_load_writes_the_same_as_a_put_for_all_field_values()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Wide, CancellationToken.None);
        await storage.Documents.EnsureCollection(Wide with { Name = "wide@2" }, CancellationToken.None);

        await storage.Commit(await Work(storage, null, Documents("wide@1", areNew: true)));
        await storage.Commit(await Work(storage, 0, Documents("wide@2", areNew: false)));

        foreach (var field in Wide.Fields)
        {
            var loaded = await Read(storage, "wide@1", field.Name);
            Assert.Equal(DocumentCount, loaded.Count);
            Assert.Equal(await Read(storage, "wide@2", field.Name), loaded);
        }
        Assert.Equal(DocumentCount, storage.LoadedDocuments);
    }

    [PostgreSqlFact]
    public async Task No_documents_are_loaded_under_the_lock_of_the_log()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Wide, CancellationToken.None);

        await storage.Commit(new CommitRequest { Documents = [.. Documents("wide@1", areNew: true)] });

        Assert.Equal(0, storage.LoadedDocuments);
        Assert.Equal(DocumentCount, await storage.Documents.Count("wide@1", [], CancellationToken.None));
    }

    [PostgreSqlFact]
    public async Task A_bulk_load_replaces_existing_documents_and_writes_none_twice()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Wide, CancellationToken.None);
        await storage.Commit(await Work(storage, null, Documents("wide@1", areNew: true).Take(DocumentCount / 2)));

        var outcome = await storage.Commit(await Work(storage, 0, Documents("wide@1", areNew: true)));

        Assert.Equal(CommitResult.Committed, outcome.Result);
        Assert.Equal(DocumentCount / 2, storage.LoadedDocuments);
        Assert.Equal(DocumentCount, await storage.Documents.Count("wide@1", [], CancellationToken.None));
        var document = await storage.Documents.Get("wide@1", "key 0", CancellationToken.None);
        Assert.Equal(outcome.DocumentVersion, document!.Version);
    }

    /// <summary>Returns a part of the work of a consumer. The checkpoint remains unchanged.</summary>
    private static async Task<CommitRequest> Work(
        PostgreSqlStorage storage, long? from, IEnumerable<DocumentChange> documents)
    {
        var lease = await storage.Leases.Acquire(
            "wide", 0, "node", TimeSpan.FromMinutes(1), DateTimeOffset.UtcNow, CancellationToken.None);
        return new CommitRequest
        {
            Documents = [.. documents],
            Checkpoint = new CheckpointMove("wide", 0, lease.LeaseEpoch, from, 0),
        };
    }

    private static IEnumerable<DocumentChange> Documents(string collection, bool areNew) =>
        Enumerable
            .Range(0, DocumentCount)
            .Select(number => new DocumentChange
            {
                Collection = collection,
                Key = $"key {number}",
                Body = Encoding.UTF8.GetBytes($"body {number}"),
                Position = number + 1,
                IsKnownNew = areNew,
                Fields =
                    number % 3 == 0
                        ? [FieldValue.Null, FieldValue.Null, FieldValue.Null, FieldValue.Null]
                        :
                        [
                            $"straße {number % 10}",
                            number - 500L,
                            1.25m * number,
                            number % 7 == 0 ? double.NaN : number / 4.0,
                        ],
            });

    private static async Task<List<(string, long, string)>> Read(
        PostgreSqlStorage storage, string collection, string field)
    {
        var query = new DocumentQuery
        {
            Collection = collection,
            OrderBy = field,
            Limit = DocumentCount,
        };
        var page = await storage.Documents.Query(query, CancellationToken.None);
        return
        [
            .. page.Documents.Select(
                document => (document.Key, document.Position, Encoding.UTF8.GetString(document.Body.Span))),
        ];
    }
}
