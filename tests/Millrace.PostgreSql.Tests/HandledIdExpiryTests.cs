using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that handled ids are removed after their window.</summary>
public sealed class HandledIdExpiryTests : StoreTests
{
    private const int Commits = 20;
    private const int MarksEach = 200;

    [PostgreSqlFact]
    public async Task Ids_whose_window_has_passed_go_as_fast_as_others_come()
    {
        await using var storage = await Given.Open(Database);

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
        var left = (long)(await count.ExecuteScalarAsync())!; // A count is a number.
        Assert.InRange(left, 0, 3 * MarksEach); // Entries since the last cleanup.
    }
}
