using System.Diagnostics;
using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.PostgreSql.Tests;

/// <summary>Tests that a long commit that locks the row of a consumer delays no lease of another consumer.</summary>
public sealed class LeaseWaitTests : StoreTests
{
    private static readonly string[] Names = ["a", "b", "c", "d", "e"];
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(1); // The test never releases the row.

    [PostgreSqlFact]
    public async Task No_lease_of_another_consumer_expires_during_a_long_commit()
    {
        var address = (await TestServer.Server).ConnectionString(Database);
        await using var storage = await TestData.Open(Database, options => options.Clock = PostgreSqlClock.Database);
        await using var node = await TestNode.Start(options => options.ConnectionString = address, Names);
        await Eventually.Get(() => Inspect(storage), table => table.Consumers.Count(table.IsHeld) == Names.Length);
        await using var commit = new NpgsqlConnection(address + ";Pooling=false");
        await commit.OpenAsync();
        await using var hold = new NpgsqlCommand(
            "BEGIN; SELECT FROM millrace.consumers WHERE consumer <> 'c' FOR UPDATE", commit);
        await hold.ExecuteNonQueryAsync();

        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var (begun, before, epoch) = (Stopwatch.GetTimestamp(), Stopwatch.GetTimestamp(), 1L);
        for (
            var check = 0;
            Stopwatch.GetElapsedTime(begun) < TestNode.Lease * 1.5;
            check++, before = Stopwatch.GetTimestamp())
        {
            await looks.WaitForNextTickAsync();
            var table = await Inspect(storage);
            if (Stopwatch.GetElapsedTime(before) >= TestNode.Lease / 4)
            {
                // The machine paused, and therefore no lease was renewed.
                table = await Eventually.Get(() => Inspect(storage), static table => table.IsHeld(FreeConsumer(table)));
                (begun, epoch) = (Stopwatch.GetTimestamp(), FreeConsumer(table).LeaseEpoch);
            }
            Assert.True(
                table.IsHeld(FreeConsumer(table)) && FreeConsumer(table).LeaseEpoch == epoch,
                $"Check {check}: {FreeConsumer(table)}");
        }
        await commit.DisposeAsync();

        await Eventually.Get(() => Inspect(storage), table => table.Consumers.Count(table.IsHeld) == Names.Length);
    }

    [PostgreSqlFact]
    public async Task A_lease_that_cannot_be_renewed_remains_unchanged()
    {
        await using var storage = await TestData.Open(Database);
        var now = DateTimeOffset.UtcNow;
        var taken = await Acquire(storage, "node-1", now);
        await using var commit = await TestServer.Connect(Database);
        await using var hold = new NpgsqlCommand("BEGIN; SELECT FROM millrace.consumers FOR UPDATE", commit);
        await hold.ExecuteNonQueryAsync();

        var same = await Acquire(storage, "node-1", now.AddSeconds(30)).WaitAsync(WaitTimeout);
        var others = await Acquire(storage, "node-2", now.AddHours(1)).WaitAsync(WaitTimeout);
        await commit.DisposeAsync();
        var renewed = await Acquire(storage, "node-1", now.AddSeconds(40));

        Assert.Equal(taken, same);
        Assert.Equal(taken, others);
        Assert.Equal(taken with { LeaseUntil = taken.LeaseUntil.AddSeconds(40) }, renewed);
    }

    private static ConsumerRecord FreeConsumer(LeaseTable table) =>
        table.Consumers.Single(record => record.Consumer == "c");

    private static Task<LeaseTable> Inspect(PostgreSqlStorage storage) =>
        storage.Leases.Inspect(DateTimeOffset.UtcNow, CancellationToken.None).AsTask();

    private static Task<ConsumerRecord> Acquire(PostgreSqlStorage storage, string holder, DateTimeOffset now) =>
        storage.Leases.Acquire("sales", 0, holder, TimeSpan.FromMinutes(1), now, CancellationToken.None).AsTask();
}
