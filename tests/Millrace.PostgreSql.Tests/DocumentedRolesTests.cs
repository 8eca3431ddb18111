using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that the roles and the database in docs/how-to/run-on-postgresql.md are sufficient.</summary>
public sealed class DocumentedRolesTests
{
    private const string Database = "shop";
    private const string Role = "shop";

    [PostgreSqlFact]
    public async Task The_owner_creates_the_store_and_the_application_uses_it()
    {
        await using var server = await PostgreSqlServer.Start();
        var documentedSql = Fence.Of("docs/how-to/run-on-postgresql.md").Single(fence => fence.Language == "sql").Text;
        foreach (
            var statement in documentedSql.Split(
                ';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            await server.Execute(statement);
        var options = new PostgreSqlOptions
        {
            ConnectionString = server.ConnectionString(Database, Role),
            Migrates = false,
        };

        await using (var refused = new PostgreSqlStorage(options))
        {
            var failure = await Assert.ThrowsAsync<StorageException>(async () =>
                await refused.Open(CancellationToken.None));
            Assert.Contains("millrace schema --role", failure.Message, StringComparison.Ordinal);
        }
        var indexes = string.Concat(
            PostgreSqlSchema.IndexStatements(options).Select(statement => statement.TrimEnd(';') + ";\n"));
        var script = PostgreSqlSchema.Script(options, Role) + "\n" + indexes;
        for (var i = 0; i < 2; i++) // The second run does what an update does.
            await server.RunScript(script, Database, user: "shop_owner");

        await using var storage = new PostgreSqlStorage(options);
        await storage.Open(CancellationToken.None);
        await storage.Documents.EnsureCollection(new CollectionDefinition("sales@1", []), CancellationToken.None);
        await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, TestData.Event()));
        Assert.Single(await storage.ReadAll());
    }
}
