using System.Globalization;
using System.Text;
using Millrace.PostgreSql.Connections;
using Millrace.PostgreSql.Documents;
using Millrace.PostgreSql.Schema;
using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests fields with long texts in collections of this version and of earlier versions.</summary>
public sealed class LongTextTests : DatabaseTests
{
    private const string Name = "notes@1";
    private const string Documents = "millrace_documents";

    private static readonly CollectionDefinition Definition = new(
        Name, [new FieldDefinition("text", FieldKind.Text), new FieldDefinition("number", FieldKind.Integer)]);

    private static readonly string LongText = string.Concat(
        Enumerable.Range(0, 1_000).Select(i => (i * 7_919L * 104_729L).ToString("x8", CultureInfo.InvariantCulture)));

    [PostgreSqlFact]
    public async Task A_long_text_causes_the_replacement_of_an_index_of_an_earlier_version()
    {
        await using var storage = await MakeOld();
        await using var another = await TestData.Open(Database);
        Assert.Equal(["a"], await KeysByText(another)); // This node now uses the old index for some time.

        var refused = await Assert.ThrowsAsync<StorageException>(() => storage.Commit(Put("b", LongText)));
        await Eventually.Get(async () => await IsWritten(storage) || await IsWritten(another), isWritten => isWritten);

        Assert.True(refused.IsTransient, $"{refused}");
        await Eventually.Get(Indexes, names => names == "doc_1_f0_long doc_1_f0_short doc_1_f1 doc_1_pkey");
        Assert.Equal(["a", "b"], await Keys(storage, new FieldCondition("text", Comparison.GreaterOrEqual, "0")));
        Assert.Equal(["b"], await Keys(storage, new FieldCondition("text", Comparison.Equal, LongText)));
        Assert.Equal(["b", "a"], await KeysByText(another));
        Assert.Equal(["b", "a"], await KeysByText(storage));
    }

    [PostgreSqlFact]
    public async Task A_killed_index_build_restarts_and_reads_return_correct_results()
    {
        await using var storage = await MakeOld();
        await (await TestServer.Server).Execute(
            $"CREATE INDEX doc_1_f0_short ON {Documents}.doc_1 (key); "
            + "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '" + Documents + ".doc_1_f0_short'::regclass",
            Database);

        await Eventually.Get(() => IsWritten(storage), isWritten => isWritten);

        var definition = await Ask($"SELECT pg_get_indexdef('{Documents}.doc_1_f0_short'::regclass)");
        Assert.Contains("octet_length", definition, StringComparison.Ordinal);
        await Eventually.Get(Indexes, names => names == "doc_1_f0_long doc_1_f0_short doc_1_f1 doc_1_pkey");
        Assert.Equal(["a"], await Keys(storage, new FieldCondition("text", Comparison.Equal, "short")));
    }

    [PostgreSqlFact]
    public async Task A_role_that_may_not_replace_the_index_gets_an_error()
    {
        await (await MakeOld()).DisposeAsync();
        var server = await TestServer.Server;
        var role = $"app_{Database}";
        await server.Execute($"CREATE ROLE {role} LOGIN");
        await server.Execute(PostgreSqlSchema.Script(applicationRole: role), Database);
        await server.Execute(
            $"GRANT USAGE ON SCHEMA {Documents} TO {role}; GRANT ALL ON ALL TABLES IN SCHEMA {Documents} TO {role}",
            Database);
        await using var storage = await TestData.Open(
            Database, options => options.ConnectionString = server.ConnectionString(Database, role));

        var problem = await Eventually.Get(
            async () => (await Assert.ThrowsAsync<StorageException>(() => storage.Commit(Put("b", LongText)))).Problem,
            problem => problem != StorageProblem.Busy);

        Assert.Equal(StorageProblem.ReadOnly, problem);
    }

    /// <summary>With table statistics, indexes find texts of both lengths by value and in order.</summary>
    [PostgreSqlFact]
    public async Task Short_and_long_texts_are_read_by_their_indexes()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        await Fill();
        foreach (var query in new[]
            {
                new DocumentQuery
                {
                    Collection = Name,
                    OrderBy = "text",
                    Limit = 10,
                },
                new DocumentQuery
                {
                    Collection = Name,
                    OrderBy = "text",
                    IsDescending = true,
                    Limit = 10,
                },
                Where(Comparison.Equal, "text 17"),
                Where(Comparison.StartsWith, "text 1999"),
                Where(Comparison.Equal, LongText),
                Where(Comparison.GreaterOrEqual, "text 9999") with
                {
                    OrderBy = "text",
                },
            }
        )
        {
            var plan = await Plan(query);

            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
            Assert.Contains("doc_1_f0", plan, StringComparison.Ordinal);
        }
    }

    /// <summary>A collection without a long text keeps its old index permanently.</summary>
    [PostgreSqlFact]
    public async Task Pages_in_the_order_of_a_text_are_read_by_the_index_of_an_earlier_version()
    {
        await using var storage = await MakeOld();
        await Fill();
        var byText = new DocumentQuery { Collection = Name, OrderBy = "text", Limit = 10 };
        foreach (var query in new[]
        {
            byText, byText with { IsDescending = true }, byText with { Skip = 10 },
            Where(Comparison.GreaterOrEqual, "text 9") with { OrderBy = "text" },
            Where(Comparison.StartsWith, "text 1999") with { OrderBy = "text", IsDescending = true },
        })
        {
            var plan = await Plan(query);

            Assert.DoesNotContain("Seq Scan", plan, StringComparison.Ordinal);
            Assert.DoesNotContain("Sort", plan, StringComparison.Ordinal);
            Assert.Contains("using doc_1_f0 ", plan, StringComparison.Ordinal);
        }
    }

    /// <summary>The order is also descending, where null sorts last.</summary>
    [PostgreSqlFact]
    public async Task A_page_after_a_cursor_starts_at_the_cursor()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        await Fill();

        foreach (var isDescending in (bool[])[false, true])
        {
            var query = new DocumentQuery
            {
                Collection = Name,
                OrderBy = "number",
                IsDescending = isDescending,
                Limit = 10,
            };
            var beyond = isDescending ? "<" : ">";

            Assert.Contains(
                $"Index Cond: (f1 {beyond}= ",
                await Plan(query with { After = new DocumentCursor(17L, "k17") }),
                StringComparison.Ordinal);
            Assert.Contains(
                "Index Cond: ((f1 IS NULL) AND ",
                await Plan(query with { After = new DocumentCursor(FieldValue.Null, "k17") }),
                StringComparison.Ordinal);
        }
    }

    private static DocumentQuery Where(Comparison comparison, string value) =>
        new() { Collection = Name, Conditions = [new FieldCondition("text", comparison, value)], Limit = 10 };

    private static CommitRequest Put(string key, string text) => new()
    {
        Documents =
        [
            new DocumentChange { Collection = Name, Key = key, Body = "{}"u8.ToArray(), Fields = [text, 1L] },
        ],
    };

    private static async Task<bool> IsWritten(PostgreSqlStorage storage)
    {
        try
        {
            await storage.Commit(Put("b", LongText));
            return true;
        }
        catch (StorageException busy) when (busy.Problem == StorageProblem.Busy)
        {
            return false;
        }
    }

    private static async Task<IEnumerable<string>> Keys(PostgreSqlStorage storage, FieldCondition condition)
    {
        var query = new DocumentQuery { Collection = Name, Conditions = [condition] };
        return (await storage.Documents.Query(query, CancellationToken.None)).Documents.Select(document =>
            document.Key);
    }

    private static async Task<IEnumerable<string>> KeysByText(PostgreSqlStorage storage)
    {
        var query = new DocumentQuery { Collection = Name, OrderBy = "text" };
        return (await storage.Documents.Query(query, CancellationToken.None)).Documents.Select(document =>
            document.Key);
    }

    /// <summary>Creates a collection with the index of an earlier version, and a document.</summary>
    private async Task<PostgreSqlStorage> MakeOld()
    {
        var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        await storage.Commit(Put("a", "short"));
        await (await TestServer.Server).Execute(
            $"DROP INDEX {Documents}.doc_1_f0_short, {Documents}.doc_1_f0_long; "
            + $"CREATE INDEX doc_1_f0 ON {Documents}.doc_1 (f0 NULLS FIRST, key)",
            Database);
        return storage;
    }

    /// <summary>Inserts enough documents that PostgreSQL uses an index.</summary>
    private async Task Fill() => await (await TestServer.Server).Execute(
        $"INSERT INTO {Documents}.doc_1 SELECT 'k' || i, 1, 1, 'x', 'text ' || i, i FROM generate_series(1, 20000) i; "
        + $"ANALYZE {Documents}.doc_1",
        Database);

    private Task<string> Indexes() =>
        Ask("SELECT string_agg(indexname, ' ' ORDER BY indexname) FROM pg_indexes WHERE tablename = 'doc_1'");

    private async Task<string> Plan(DocumentQuery query)
    {
        await using var connection = await TestServer.Connect(Database);
        var tables = new Tables("millrace", Documents);
        var page = await DocumentQueries.Page(
            connection, new Collection(1, Definition, tables), query, new WholeTextIndexes(tables, TimeProvider.System),
            CancellationToken.None);
        await using var command = page.Command(connection);
        command.CommandText = "EXPLAIN " + command.CommandText;
        await using var row = await command.ExecuteReaderAsync();
        var plan = new StringBuilder();
        while (await row.ReadAsync())
            plan.AppendLine(row.GetString(0));
        return plan.ToString();
    }

    private async Task<string> Ask(string sql)
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() as string ?? "";
    }
}
