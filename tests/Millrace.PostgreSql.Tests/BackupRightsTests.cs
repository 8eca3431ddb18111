using Millrace.Storage;
using Millrace.Storage.Backups;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests a continuous backup by a role that does not own the log.</summary>
public sealed class BackupRightsTests : DatabaseTests
{
    [PostgreSqlFact]
    public async Task A_role_that_does_not_own_the_log_records_changes_after_the_script_of_the_owner()
    {
        var server = await TestServer.Server;
        var role = $"app_{Database}";
        await server.Execute($"CREATE ROLE {role} LOGIN");
        var options = new PostgreSqlOptions { ConnectionString = server.ConnectionString(Database, role) };
        await server.Execute(PostgreSqlSchema.Script(options, role), Database);
        await using var storage = new PostgreSqlStorage(options);
        await storage.Open(CancellationToken.None);
        var changes = ((IBackupStorage)storage).Changes;

        var refused = await Assert.ThrowsAsync<StorageException>(async () => await changes.Start(default));
        await server.Execute(PostgreSqlSchema.BackupScript(options, role), Database);
        var first = await changes.Start(default);
        await storage.Documents.EnsureCollection(new CollectionDefinition("timers", []), default);
        await storage.Commit(new CommitRequest
        {
            Appends = TestData.Append("a", ExpectedVersion.Any, TestData.Event()).Appends,
            Claims = [Claim.Acquire("email", "a@example.org", "a")],
            Documents = [new DocumentChange { Collection = "timers", Key = "a", Body = "{}"u8.ToArray() }],
        });
        var recorded = (await changes.Read(0, 10, default))!;
        await changes.Remove([.. recorded.Select(change => change.Number)], "1-a", default);

        Assert.Equal(StorageProblem.ReadOnly, refused.Problem);
        Assert.Contains("BackupScript", refused.Message, StringComparison.Ordinal);
        Assert.Null(first);
        Assert.Equal(["claims", "timers"], recorded.Select(change => change.Table.Name).Order());
        Assert.Empty((await changes.Read(0, 10, default))!);
        Assert.Equal("1-a", await changes.Start(default));
        await changes.Remove([], "1-b", default);
        Assert.Equal("1-b", await changes.Start(default));
    }
}
