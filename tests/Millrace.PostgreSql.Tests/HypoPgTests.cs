using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests trials of an index with the extension HypoPG, and their ways around it.</summary>
public sealed class HypoPgTests : DatabaseTests
{
    private const string Method = "the planner, with HypoPG";
    private const string Extension = "CREATE SCHEMA \"other schema\"; CREATE EXTENSION hypopg SCHEMA \"other schema\"";

    private const string RealSize = "DROP FUNCTION \"other schema\".hypopg_relation_size(oid); ALTER FUNCTION "
        + "\"other schema\".hypopg_real_size(oid) RENAME TO hypopg_relation_size";

    private const string Sleeping =
        "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";

    private static readonly CollectionDefinition Definition = new(
        "people@1",
        [
            new FieldDefinition("city", FieldKind.Text),
            new FieldDefinition("age", FieldKind.Integer),
            new FieldDefinition("name", FieldKind.Text),
        ]);

    private static readonly DocumentIndex Index = new("idx_people_city_age", ["city", "age"]);

    private static readonly DocumentQuery Query = new()
    {
        Collection = Definition.Name,
        Conditions = [new("city", Comparison.Equal, "city 7"), new("age", Comparison.Equal, 9)],
        Limit = 10,
    };

    [HypoPgFact]
    public async Task The_planner_uses_the_index_that_does_not_exist()
    {
        await using var storage = await OpenWithPeople();
        var indexes = storage.Planner!.Indexes!;

        var page = await indexes.Try(Query, isCount: false, Index, CancellationToken.None);
        var count = await indexes.Try(Query, isCount: true, Index, CancellationToken.None);
        var ordered = await indexes.Try(
            Query with { OrderBy = "name" },
            isCount: false,
            new DocumentIndex("idx_people_city_age_name", ["city", "age", "name"]),
            CancellationToken.None);
        var left = await indexes.List(Definition.Name, CancellationToken.None);
        await indexes.Create(Definition.Name, Index, CancellationToken.None);
        var built = await Ask($"SELECT pg_relation_size('millrace_documents.{Index.Name}_1')::text");

        Assert.All([page, count, ordered], static trial =>
        {
            Assert.Equal((Method, true), (trial.Method, trial.IsUsed));
            Assert.InRange(trial.Before.DatabaseCost!.Value / trial.After.DatabaseCost!.Value, 1.25, 10_000);
        });
        Assert.Empty(left);
        Assert.InRange(page.SizeBytes, long.Parse(built, null) / 3, long.Parse(built, null) * 3);
    }

    [HypoPgFact]
    public async Task An_index_that_does_not_help_is_not_used()
    {
        await using var storage = await OpenWithPeople();
        var byName = new DocumentIndex("idx_people_name_age", ["name", "age"]);

        var trial = await storage.Planner!.Indexes!.Try(Query, isCount: false, byName, CancellationToken.None);

        Assert.Equal((Method, false), (trial.Method, trial.IsUsed));
        Assert.Equal(trial.Before.DatabaseCost, trial.After.DatabaseCost);
    }

    [HypoPgFact]
    public async Task A_failed_trial_leaves_nothing_in_its_session()
    {
        await using var storage = await OpenWithPeople(options => options.ConnectionString += ";Maximum Pool Size=1");
        var indexes = storage.Planner!.Indexes!;
        var first = await indexes.Try(Query, isCount: false, Index, CancellationToken.None);
        await ReplaceSize("RAISE EXCEPTION 'no size'");

        var failure = await Assert.ThrowsAsync<StorageException>(async () =>
            await indexes.Try(Query, isCount: false, Index, CancellationToken.None));

        Assert.Contains("no size", failure.ToString(), StringComparison.Ordinal);
        await ExpectNothingLeft(indexes, first);
    }

    [HypoPgFact]
    public async Task A_cancelled_trial_leaves_nothing_in_its_session()
    {
        await using var storage = await OpenWithPeople(options => options.ConnectionString += ";Maximum Pool Size=1");
        var indexes = storage.Planner!.Indexes!;
        var first = await indexes.Try(Query, isCount: false, Index, CancellationToken.None);
        await ReplaceSize("PERFORM pg_sleep(600); RETURN 0");
        using var cancel = new CancellationTokenSource();

        var trial = indexes.Try(Query, isCount: false, Index, cancel.Token).AsTask();
        await Eventually.Get(() => Ask(Sleeping), static count => count == "1");
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => trial);
        await ExpectNothingLeft(indexes, first);
    }

    [HypoPgFact]
    public async Task A_role_that_may_not_use_the_extension_tries_the_index_on_a_copy()
    {
        var (server, role) = (await TestServer.Server, $"app_{Database}");
        await server.Execute(
            $"CREATE ROLE {role} LOGIN; GRANT CREATE, TEMPORARY ON DATABASE {Database} TO {role}", Database);
        await using (var storage = await OpenWithPeople(
            options => options.ConnectionString = server.ConnectionString(Database, role), extension: ""))
        {
            var indexes = storage.Planner!.Indexes!;
            var without = await indexes.Try(Query, isCount: false, Index, CancellationToken.None);
            await server.Execute(Extension, Database);
            var withoutRights = await indexes.Try(Query, isCount: false, Index, CancellationToken.None);
            await server.Execute($"GRANT USAGE ON SCHEMA \"other schema\" TO {role}", Database);
            var withRights = await indexes.Try(Query, isCount: false, Index, CancellationToken.None);
            await server.Execute(
                "REVOKE EXECUTE ON FUNCTION \"other schema\".hypopg_create_index(text) FROM PUBLIC", Database);
            var withoutFunction = await indexes.Try(Query, isCount: false, Index, CancellationToken.None);

            Assert.All([without, withoutRights, withoutFunction], static trial =>
            {
                Assert.StartsWith("a copy of 20,000", trial.Method, StringComparison.Ordinal);
                Assert.True(trial.IsUsed);
            });
            Assert.Equal((Method, true), (withRights.Method, withRights.IsUsed));
        }
        await server.Execute($"DROP OWNED BY {role} CASCADE; DROP ROLE {role}", Database);
    }

    [HypoPgFact(NeedsPool = true)]
    public async Task Behind_a_pool_all_statements_of_a_trial_reach_the_same_session()
    {
        await using var pool = await PgBouncer.Start((await TestServer.Server).Port, connections: 3);
        await using var storage = await OpenWithPeople(options =>
        {
            options.ConnectionString = new NpgsqlConnectionStringBuilder(options.ConnectionString)
            {
                Port = pool.Port,
            }.ConnectionString;
            options.Prepares = false;
        });
        var indexes = storage.Planner!.Indexes!;

        var trials = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ =>
            Task.Run(() => indexes.Try(Query, isCount: false, Index, CancellationToken.None).AsTask())));

        Assert.All(trials, static trial => Assert.True(trial.IsUsed));
        Assert.Single(trials.Select(static trial => trial.Before.DatabaseCost).Distinct());
    }

    /// <summary>Replaces the function that a trial calls while its index exists.</summary>
    private async Task ReplaceSize(string body) =>
        await (await TestServer.Server).Execute(
            $"""
            ALTER EXTENSION hypopg DROP FUNCTION "other schema".hypopg_relation_size(oid);
            ALTER FUNCTION "other schema".hypopg_relation_size(oid) RENAME TO hypopg_real_size;
            CREATE FUNCTION "other schema".hypopg_relation_size(indexid oid) RETURNS bigint LANGUAGE plpgsql AS
                $$ BEGIN {body}; END $$
            """,
            Database);

    /// <summary>Expects that the next trial finds no index, which would be used without the trial too.</summary>
    private async Task ExpectNothingLeft(IDocumentIndexes indexes, IndexTrial first)
    {
        await (await TestServer.Server).Execute(RealSize, Database);
        var next = await indexes.Try(Query, isCount: false, Index, CancellationToken.None);

        Assert.Equal(first.Before.DatabaseCost, next.Before.DatabaseCost);
        Assert.DoesNotContain("<", $"{next.Before.Plan.Index}", StringComparison.Ordinal);
        Assert.True(next.IsUsed);
    }

    private async Task<PostgreSqlStorage> OpenWithPeople(
        Action<PostgreSqlOptions>? configure = null, string extension = Extension)
    {
        var storage = await TestData.Open(Database, configure);
        await storage.Documents.EnsureCollection(Definition, CancellationToken.None);
        var people = "INSERT INTO millrace_documents.doc_1 SELECT 'k' || i, 1, 1, 'x', 'city ' || i % 100, i % 103, "
            + "'name ' || i FROM generate_series(1, 20000) i; ANALYZE millrace_documents.doc_1;";
        await (await TestServer.Server).Execute(people + extension, Database);
        return storage;
    }

    private async Task<string> Ask(string sql)
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string?)await command.ExecuteScalarAsync() ?? "";
    }
}
