using Millrace.Storage;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that the store does not record the time of a database with a wrong clock.</summary>
public sealed class ClockTests : StoreTests
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clock_far_behind_the_last_event_is_refused_until_it_is_corrected(bool isFast)
    {
        await using var storage = await Open(isFast);
        await Append(storage, 0, DateTimeOffset.UtcNow);
        await Append(storage, 1, DateTimeOffset.UtcNow);
        await MoveLastEvent(Tolerance * 2);

        var failure = await Assert.ThrowsAsync<StorageException>(() => Append(storage, 2, DateTimeOffset.UtcNow));

        Assert.Equal(StorageProblem.Clock, failure.Problem);
        Assert.Contains("behind the log's last event", failure.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await storage.ReadAll()).Count);
        await MoveLastEvent(Tolerance / 2);
        var outcome = await Append(storage, 2, DateTimeOffset.UtcNow);
        Assert.True(
            outcome.Timestamp > DateTimeOffset.UtcNow + (Tolerance / 4), "The timestamp is earlier than the last one.");
    }

    [PostgreSqlTheory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_clock_far_ahead_of_the_log_and_the_node_is_refused(bool isFast)
    {
        await using var storage = await Open(isFast);
        var before = DateTimeOffset.UtcNow - (Tolerance * 3);

        // No other clock confirms the time of the database.
        var first = await Assert.ThrowsAsync<StorageException>(() => Append(storage, 0, before));
        await Append(storage, 0, DateTimeOffset.UtcNow);
        await Append(storage, 1, before); // A node with a slow clock relies on the time of the last event.
        await Append(storage, 2, before);
        await MoveLastEvent(Tolerance * -2);
        var failure = await Assert.ThrowsAsync<StorageException>(() => Append(storage, 3, before));

        Assert.Equal(StorageProblem.Clock, first.Problem);
        Assert.Equal(StorageProblem.Clock, failure.Problem);
        Assert.Contains("ahead of the log's last event", failure.Message, StringComparison.Ordinal);
        await Append(storage, 3, DateTimeOffset.UtcNow); // The clock of the node shows that the log was only idle.
        Assert.Equal(isFast, storage.OptimisticCommits.Hits > 0);
    }

    [PostgreSqlFact]
    public async Task A_commit_that_records_no_time_does_not_check_the_clock()
    {
        await using var storage = await Open(isFast: true);
        await storage.Documents.EnsureCollection(new CollectionDefinition("plain@1", []), CancellationToken.None);
        var request = new CommitRequest
        {
            Documents = [new DocumentChange { Collection = "plain@1", Key = "a", Body = "{}"u8.ToArray() }],
        };

        var outcomes = await storage.Log.Commit(
            [request],
            DateTimeOffset.UtcNow - TimeSpan.FromDays(9),
            CancellationToken.None);

        Assert.Equal(CommitResult.Committed, outcomes[0].Result);
    }

    private async Task<PostgreSqlStorage> Open(bool isFast)
    {
        var storage = await TestData.Open(Database, options =>
        {
            options.Clock = PostgreSqlClock.Database;
            options.ClockTolerance = Tolerance;
        });
        storage.OptimisticCommits.IsEnabled = isFast;
        return storage;
    }

    private static async Task<CommitOutcome> Append(PostgreSqlStorage storage, long version, DateTimeOffset now)
    {
        var request = TestData.Append("a", ExpectedVersion.AsRead(version), TestData.Event());
        return (await storage.Log.Commit([request], now, CancellationToken.None))[0];
    }

    /// <summary>
    /// Shifts the time of the last event, as if the clock of the database were wrong by the opposite amount.
    /// </summary>
    private async Task MoveLastEvent(TimeSpan from)
    {
        var server = await TestServer.Server;
        await server.Execute(
            $"UPDATE millrace.events SET recorded_at = clock_timestamp() + interval '{(long)from.TotalSeconds} "
                + "seconds' WHERE position = (SELECT max(position) FROM millrace.events)",
            Database);
    }
}
