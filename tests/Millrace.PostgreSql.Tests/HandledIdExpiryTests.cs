using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that the store removes handled ids after their retention window.</summary>
public sealed class HandledIdExpiryTests : StoreTests
{
    private const int Commits = 20;
    private const int MarksEach = 200;

    [PostgreSqlFact]
    public async Task Expired_ids_are_removed_as_fast_as_new_ids_are_added()
    {
        await using var storage = await TestData.Open(Database);

        for (var commit = 0; commit < Commits; commit++)
        {
            var marks = Enumerable
                .Range(0, MarksEach)
                .Select(mark => new HandledMark(
                    "orders", $"{commit}-{mark}", "1"u8.ToArray(), DateTimeOffset.UnixEpoch));
            Assert.Equal(
                CommitResult.Committed, (await storage.Commit(new CommitRequest { Handled = [.. marks] })).Result);
        }

        await using var connection = await TestServer.Connect(Database);
        await using var count = connection.CreateCommand();
        count.CommandText = "SELECT count(*) FROM millrace.handled";
        var remaining = (long)(await count.ExecuteScalarAsync())!; // The count is never null.
        Assert.InRange(remaining, 0, 3 * MarksEach); // The ids since the last cleanup remain.
    }
}
