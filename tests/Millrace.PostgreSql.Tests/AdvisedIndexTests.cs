using System.Text;
using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests indexes of several fields: what they contain, and that nodes do not disturb each other.</summary>
public sealed class AdvisedIndexTests : DatabaseTests
{
    private const string Name = "people@1";
    private const string IndexName = "idx_people_city_email_name";
    private const string Found =
        "SELECT oid::text || CASE WHEN indisvalid THEN ' valid' ELSE ' invalid' END FROM pg_class c JOIN pg_index i ON "
            + $"i.indexrelid = c.oid WHERE relname = '{IndexName}_1'";

    private const string Waiting = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() "
        + "AND state = 'idle' AND query LIKE 'SELECT pg_try_advisory_lock%'";

    private const string Blocked = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() "
        + "AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '1.2 s'";

    private const string Sleeping = "SELECT count(*)::text FROM pg_stat_activity WHERE datname = current_database() "
        + "AND wait_event = 'PgSleep'";

    // Like the function of the server, but with a delay after the lock is held.
    private const string SlowLock = """
        CREATE SCHEMA slow;
        CREATE FUNCTION slow.pg_try_advisory_lock(integer, integer) RETURNS boolean LANGUAGE plpgsql AS $$
        DECLARE held boolean := pg_catalog.pg_try_advisory_lock($1, $2);
        BEGIN PERFORM pg_sleep(0.7); RETURN held; END $$;
        """;

    private static readonly CollectionDefinition Definition = new(
        Name,
        [
            new FieldDefinition("city", FieldKind.Text),
            new FieldDefinition("email", FieldKind.Text),
            new FieldDefinition("name", FieldKind.Text),
            new FieldDefinition("age", FieldKind.Decimal),
        ]);

    private static readonly DocumentIndex Index = new(IndexName, ["city", "email", "name"]);

    [PostgreSqlFact]
    public async Task Documents_with_texts_of_any_size_are_written_and_found()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        await storage.Planner!.Indexes!.Create(Name, Index, CancellationToken.None);
        await storage.Planner.Indexes.Create(
            Name, new DocumentIndex("idx_all", ["age", "name", "email", "city"]), CancellationToken.None);
        var random = new Random(1);
        var key = TextOf(random, 340, '一', 20_000) + "1234"; // Most characters have three bytes.
        Assert.Equal(KeyText.MaxDocumentKeyBytes, Encoding.UTF8.GetByteCount(key));
        var sizes = (int[])[0, 35, 36, 37, 64, 65, 255, 256, 257, 1_000, 1_023, 1_024, 1_025, 3_000];

        for (var i = 0; i < 40; i++)
        {
            FieldValue[] texts =
                [.. Enumerable.Range(0, 3).Select(_ => (FieldValue)TextOf(random, sizes[random.Next(14)], '0', 75))];
            await Put(storage, key[..^2] + $"{i:D2}", [.. texts, decimal.MaxValue - i]);

            Assert.Equal(1, await Count(storage, texts));
        }
        foreach (var size in (int[])[36, 64, 1_000, 1_024])
            await Put(storage, key, [.. Enumerable.Repeat((FieldValue)TextOf(random, size, '0', 75), 3), 1m]);
    }

    [PostgreSqlFact]
    public async Task An_index_of_several_texts_serves_equality_and_order()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        await (await TestServer.Server).Execute(
            "INSERT INTO millrace_documents.doc_1 SELECT 'k' || i, 1, 1, 'x', 'city ' || i % 100, 'mail ' || i % 103, "
                + "'name ' || i, i FROM generate_series(1, 20000) i",
            Database);
        var pair = new DocumentIndex("idx_people_city_email", ["city", "email"]);
        await storage.Planner!.Indexes!.Create(Name, Index, CancellationToken.None);
        await storage.Planner.Indexes.Create(Name, pair, CancellationToken.None);
        var query = new DocumentQuery
        {
            Collection = Name,
            Conditions =
                [new("city", Comparison.Equal, "city 7"), new("email", Comparison.Equal, "mail 9")],
            Limit = 10,
        };

        var byKey = TextsOf((await storage.Planner.ExplainDocuments(query, CancellationToken.None)).Plan);
        var byName = TextsOf(
            (await storage.Planner.ExplainDocuments(query with { OrderBy = "name" }, CancellationToken.None)).Plan);

        Assert.Contains($"{pair.Name}_1 ", byKey, StringComparison.Ordinal);
        Assert.Contains($"{IndexName}_1 ", byName, StringComparison.Ordinal);
        Assert.Contains("(city = ?)", byName, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Two_nodes_build_a_missing_index_once()
    {
        await using var first = await TestData.Open(Database);
        await using var second = await TestData.Open(Database);
        await first.Documents.EnsureCollection(Definition, CancellationToken.None);
        var older = await Hold(); // A build waits for it.
        var build = first.Planner!.Indexes!.Create(Name, Index, CancellationToken.None).AsTask();
        var unfinished = await Eventually.Get(() => Ask(Found), found => found.Length > 0);

        var other = second.Planner!.Indexes!.Create(Name, Index, CancellationToken.None).AsTask();
        var removal = second.Planner!.Indexes!.Drop(Name, "idx_other", CancellationToken.None).AsTask();
        await Eventually.Get(() => Ask(Waiting), waiting => waiting != "0");
        await older.DisposeAsync();
        await Task.WhenAll(build, other, removal);

        Assert.Equal(unfinished.Replace("invalid", "valid", StringComparison.Ordinal), await Ask(Found));
        Assert.Equal(Index, Assert.Single(await second.Planner.Indexes.List(Name, CancellationToken.None)));
    }

    [PostgreSqlFact]
    public async Task A_request_that_is_cancelled_while_it_takes_the_lock_leaves_the_lock_to_others()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        await using var slow = await TestData.Open(
            Database, options => options.ConnectionString += ";Search Path='slow,pg_catalog'");
        await (await TestServer.Server).Execute(SlowLock, Database);
        using var cancellation = new CancellationTokenSource();

        var build = slow.Planner!.Indexes!.Create(Name, Index, cancellation.Token).AsTask();
        await Eventually.Get(() => Ask(Sleeping), sleeping => sleeping != "0");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);

        var isBuilt = await storage.Planner!.Indexes!.Create(Name, Index, CancellationToken.None).AsTask()
            .WaitAsync(TimeSpan.FromSeconds(20));
        Assert.True(isBuilt);
    }

    [PostgreSqlFact]
    public async Task A_cancelled_build_leaves_nothing_and_remains_of_killed_builds_are_replaced_or_removed()
    {
        await using var storage = await TestData.Open(Database);
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        var indexes = storage.Planner!.Indexes!;
        using var cancellation = new CancellationTokenSource();
        await using (await Hold())
        {
            var build = indexes.Create(Name, Index, cancellation.Token).AsTask();
            await Eventually.Get(() => Ask(Found), found => found.Length > 0);
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
            Assert.Equal("", await Ask(Found));
        }

        Assert.True(await indexes.Create(Name, Index, CancellationToken.None));
        Assert.False(await indexes.Create(Name, Index, CancellationToken.None));
        await MakeInvalid();
        var remains = await Ask(Found);
        Assert.True(await indexes.Create(Name, Index, CancellationToken.None));
        var replaced = await Ask(Found);
        await MakeInvalid();
        var isRemoved = await indexes.Drop(Name, IndexName, CancellationToken.None);

        Assert.EndsWith(" invalid", remains, StringComparison.Ordinal);
        Assert.EndsWith(" valid", replaced, StringComparison.Ordinal);
        Assert.True(isRemoved);
        Assert.Equal("", await Ask(Found));
    }

    [PostgreSqlFact]
    public async Task A_query_that_takes_longer_than_the_command_timeout_can_be_explained()
    {
        await using var storage = await TestData.Open(
            Database, options => options.CommandTimeout = TimeSpan.FromSeconds(1));
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        await Put(storage, "1", ["Rome", "ada@example.org", "Ada", 36m]);
        await using var holder = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand("BEGIN; LOCK TABLE millrace_documents.doc_1", holder);
        await command.ExecuteNonQueryAsync();

        var explanation = storage.Planner!
            .ExplainDocuments(new DocumentQuery { Collection = Name }, CancellationToken.None).AsTask();
        await Eventually.Get(() => Ask(Blocked), blocked => blocked != "0");
        await holder.DisposeAsync();

        Assert.Equal(1, (await explanation).Rows);
    }

    private static string TextsOf(QueryPlan plan) =>
        $"{plan.Index} {plan.Reason} {plan.Detail} {string.Join(' ', plan.Parts.Select(TextsOf))}";

    /// <summary>Returns a text that cannot be compressed.</summary>
    private static string TextOf(Random random, int length, char first, int count)
    {
        var text = new StringBuilder(length);
        for (var i = 0; i < length; i++)
            text.Append((char)(first + random.Next(count)));
        return text.ToString();
    }

    private static async Task Put(PostgreSqlStorage storage, string key, FieldValue[] fields)
    {
        var version = (await storage.Documents.Get(Name, key, CancellationToken.None))?.Version ?? 0;
        var outcome = await storage.Commit(new CommitRequest
        {
            Documents =
            [
                new DocumentChange
                {
                    Collection = Name,
                    Key = key,
                    FromVersion = version,
                    Body = "{}"u8.ToArray(),
                    Fields = fields,
                },
            ],
        });
        Assert.Null(outcome.Refusal);
    }

    private static ValueTask<long> Count(PostgreSqlStorage storage, FieldValue[] texts) => storage.Documents.Count(
        Name,
        [.. texts.Select((text, i) => new FieldCondition(Definition.Fields[i].Name, Comparison.Equal, text))],
        CancellationToken.None);

    /// <summary>Leaves the index as a build does whose process was killed.</summary>
    private async Task MakeInvalid() => await (await TestServer.Server).Execute(
        $"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'millrace_documents.{IndexName}_1'::regclass",
        Database);

    /// <summary>Returns a connection with an open transaction.</summary>
    private async Task<NpgsqlConnection> Hold()
    {
        var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM millrace.events", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private async Task<string> Ask(string sql)
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string?)await command.ExecuteScalarAsync() ?? "";
    }
}
