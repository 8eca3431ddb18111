using System.Diagnostics;
using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that SQL statements of the application delay appends only up to the time limit.</summary>
public sealed class StatementLimitTests : StoreTests
{
    // The limit is long enough for fast statements, even on a busy machine.
    private static readonly TimeSpan HoldTimeout = TimeSpan.FromSeconds(6);

    [PostgreSqlTheory]
    [InlineData("SELECT pg_sleep(120)")]
    [InlineData("SELECT pg_sleep(2)", "SELECT pg_sleep(2)", "SELECT pg_sleep(2)", "SELECT pg_sleep(2)")]
    public async Task Statements_that_take_too_long_under_the_lock_are_rolled_back_with_a_helpful_error(
        params string[] statements)
    {
        await using var storage = await TestData.Open(Database, options => options.HoldTimeout = HoldTimeout);
        await (await TestServer.Server).Execute("CREATE TABLE mine (id integer)", Database);
        var started = Stopwatch.GetTimestamp();
        var slow = storage.Commit(
            new CommitRequest
            {
                Appends = TestData.Append("order-1", ExpectedVersion.Any, TestData.Event()).Appends,
                Statements =
                [
                    new SqlStatement("INSERT INTO mine VALUES (1)", []),
                    .. statements.Select(sql => new SqlStatement(sql, [])),
                ],
            }
        );

        var refused = await Assert.ThrowsAsync<StorageException>(() => slow);
        var append = await storage.Commit(TestData.Append("order-2", ExpectedVersion.Any, TestData.Event()));

        Assert.Equal((StorageProblem.Statement, CommitResult.Committed), (refused.Problem, append.Result));
        Assert.Contains("HoldTimeout", refused.Message, StringComparison.Ordinal);
        Assert.Contains(statements[0], refused.Message, StringComparison.Ordinal);
        Assert.True(
            Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(100),
            "The statements held the lock beyond the limit.");
        Assert.Equal("order-2", Assert.Single(await storage.ReadAll()).Stream.Value);
    }

    [PostgreSqlFact]
    public async Task The_time_limit_applies_only_to_the_commit()
    {
        await using var storage = await TestData.Open(
            Database, options => (options.HoldTimeout, options.MaxConnections) = (HoldTimeout, 3));
        for (var i = 0; i < 5; i++)
            await storage.Commit(new CommitRequest { Statements = [new SqlStatement("SELECT 1", [])] });

        var report = await storage.Maintenance.Verify(null, CancellationToken.None);

        Assert.True(report.IsSound);
        Assert.Equal(
            CommitResult.Committed,
            (await storage.Commit(TestData.Append("a", ExpectedVersion.Any, TestData.Event()))).Result);
    }
}
