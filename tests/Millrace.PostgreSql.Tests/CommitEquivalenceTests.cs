using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.PostgreSql.Tests;

/// <summary>
/// Tests that the fast and the general path of a commit give the same results as the in-memory storage.
/// </summary>
public sealed class CommitEquivalenceTests : StoreTests
{
    [PostgreSqlFact]
    public async Task The_fast_and_the_general_path_give_the_same_results()
    {
        var other = await TestServer.CreateStore();
        await using var fast = await TestData.Open(Database);
        await using (var general = await TestData.Open(other))
        {
            await using var model = new InMemoryStorage();
            await model.Open(CancellationToken.None);
            general.OptimisticCommits.IsEnabled = false;
            for (var seed = 1; seed <= (TestRun.IsLong ? 500 : 40); seed++)
                await Compare(seed, [model, general, fast]);
            Assert.True(
                fast.OptimisticCommits.Hits > 100,
                $"Only {fast.OptimisticCommits.Hits} batches used the fast path.");
            Assert.True(
                fast.OptimisticCommits.SingleHits > 20,
                $"Only {fast.OptimisticCommits.SingleHits} events used the fast path of single commits.");
            Assert.Equal(0, general.OptimisticCommits.Hits);
            var expected = await model.ReadAll();
            AssertSame(expected, await general.ReadAll());
            AssertSame(expected, await fast.ReadAll());
            Assert.True((await fast.Maintenance.Verify(null, CancellationToken.None)).IsSound);
        }
        await TestServer.Return(other);
    }

    private static async Task Compare(int seed, IStorage[] storages)
    {
        var random = new Random(seed);
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(seed);
        for (var step = 1; step <= 12; step++)
        {
            now += TimeSpan.FromMilliseconds(random.Next(-3, 10));
            var batch = await Batch(random, seed, storages[0]);
            var expected = await storages[0].Log.Commit(batch, now, CancellationToken.None);
            foreach (var storage in storages[1..])
            {
                var actual = await storage.Log.Commit(batch, now, CancellationToken.None);
                for (var i = 0; i < batch.Length; i++)
                    Assert.Equal(Describe(expected[i], seed, step, i), Describe(actual[i], seed, step, i));
            }
        }
    }

    /// <summary>
    /// Returns appends to few streams. Most are valid, and some have a past, future or impossible version.
    /// </summary>
    private static async Task<CommitRequest[]> Batch(Random random, int seed, IStorage model)
    {
        var batch = new CommitRequest[random.Next(3) == 0 ? 1 : random.Next(1, 6)];
        var versions = new Dictionary<string, long>();
        for (var i = 0; i < batch.Length; i++)
        {
            var stream = $"s-{seed}-{random.Next(5)}";
            var head = await model.Log.GetStream(new StreamId(stream), CancellationToken.None);
            var version = versions.GetValueOrDefault(stream, head.VisibleVersion);
            var events = Enumerable.Range(0, random.Next(1, batch.Length == 1 ? 3 : 4))
                .Select(_ => TestData.Event(random.Next(3) == 0 ? Guid.NewGuid() : null)).ToArray();
            var expected = random.Next(20) switch
            {
                < 14 => ExpectedVersion.AsRead(version),
                14 => ExpectedVersion.AsRead(version + 1),
                15 => ExpectedVersion.AsRead(Math.Max(0, version - 1)),
                16 => ExpectedVersion.StreamExists,
                _ => ExpectedVersion.Any,
            };
            versions[stream] = version + events.Length;
            batch[i] = random.Next(25) == 0
                ? new CommitRequest { Removals = [Removal(random, stream, version)] }
                : TestData.Append(stream, expected, events);
        }
        return batch;
    }

    private static StreamRemoval Removal(Random random, string stream, long version)
    {
        var kind = random.Next(2) == 0 ? RemovalKind.Delete : RemovalKind.Truncate;
        return new StreamRemoval(new StreamId(stream), kind, Math.Max(1, version), ExpectedVersion.Any, "why", null);
    }

    private static string Describe(CommitOutcome outcome, int seed, int step, int request) =>
        $"seed {seed}, step {step}, request {request + 1}: {outcome.Result} {string.Join(", ", outcome.Placements)} "
            + $"{outcome.Position} {outcome.Timestamp:O} {outcome.Refusal?.Message}";

    private static void AssertSame(List<RecordedEvent> expected, List<RecordedEvent> actual) => Assert.Equal(
        expected.Select(e => (e.Position, e.Stream, e.Version, e.Id, e.Timestamp)),
        actual.Select(e => (e.Position, e.Stream, e.Version, e.Id, e.Timestamp)));
}
