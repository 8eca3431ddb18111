using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that the store finds events by their source without a scan of the log.</summary>
public sealed class SourceIndexTests : DatabaseTests
{
    private const string Scans =
        "SELECT coalesce(sum(idx_scan), 0)::bigint FROM pg_stat_user_indexes WHERE indexrelname = 'events_by_source'";

    [PostgreSqlFact]
    public async Task Events_of_a_rare_source_are_found_and_counted_with_the_index()
    {
        var rare = new EventFilter { Source = "import" };
        await using (var storage = await TestData.Open(Database))
        {
            await storage.Commit(TestData.Append("a", ExpectedVersion.NoStream, From(rare.Source)));
            for (var i = 0; i < 10; i++)
                await storage.Commit(
                    TestData.Append($"b{i}", ExpectedVersion.NoStream, [.. Enumerable.Range(0, 500).Select(Other)]));
            await (await TestServer.Server).Execute("ANALYZE millrace.events", Database);

            var page = await storage.Log.ReadLog(
                new LogPageQuery(rare, 1, IsBackwards: false, Limit: 100), CancellationToken.None);
            var count = await storage.Log.Count(rare, CancellationToken.None);

            Assert.Equal("a", Assert.Single(page.Events).Stream.Value);
            Assert.Equal(1, count);
        }
        // A connection reports its statistics when the connection closes.
        await Eventually.Get(CountScans, scans => scans >= 2);
    }

    private static EncodedEvent Other(int number) => From(number % 2 == 0 ? "shop" : null);

    private static EncodedEvent From(string? source) => new()
    {
        Id = Guid.CreateVersion7(),
        Type = "thing.happened",
        Payload = "{}"u8.ToArray(),
        Source = source,
    };

    private async Task<long> CountScans()
    {
        await using var connection = await TestServer.Connect(Database);
        await using var command = new NpgsqlCommand(Scans, connection);
        return (long)(await command.ExecuteScalarAsync())!; // The sum is never null.
    }
}
