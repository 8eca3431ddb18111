using System.Globalization;
using Millrace.Sqlite.Driver;
using Millrace.Sqlite.Schema;
using Millrace.Storage;

namespace Millrace.Sqlite.Tests;

/// <summary>
/// Tests that handled ids are written without a prior lookup, and that later commits remove expired ids.
/// </summary>
public sealed class HandledIdExpiryTests : IDisposable
{
    private const string Scope = "receive.shop";
    private const int Ids = 3_000;

    private static readonly TimeSpan Window = TimeSpan.FromHours(1);
    private static readonly DateTimeOffset Forever = new(9000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_repeated_id_in_a_batch_returns_its_first_answer_and_the_other_requests_are_committed()
    {
        var path = _directory["shop.db"];
        await using (var storage = await TestData.Open(path))
        {
            await storage.Commit(Handling("a", "first"));

            var outcomes = await storage.Log.Commit(
                [Handling("b", "of b", scope: "receive.new"), Handling("a", "second"), Handling("c", "of c")],
                TestData.Now,
                TestData.Cancel);

            Assert.Equal(
                [CommitResult.Committed, CommitResult.HandledBefore, CommitResult.Committed],
                outcomes.Select(outcome => outcome.Result));
            Assert.Equal("first"u8.ToArray(), outcomes[1].FirstAnswer?.Answer.ToArray());
            Assert.Equal(1, outcomes[1].Position);
            Assert.Equal([1, 2, 3], (await storage.ReadAll()).Select(item => item.Position));
        }
        // The cache does not keep the numbers of names that the first, rolled-back attempt added.
        await using var again = await TestData.Open(path);
        Assert.Equal(2, (await again.Log.FindHandled("receive.new", "b", TestData.Cancel))?.Position);
        Assert.True((await again.Maintenance.Verify(null, TestData.Cancel)).IsSound);
    }

    [Fact]
    public async Task An_id_that_another_program_has_handled_is_not_handled_twice()
    {
        var path = _directory["shop.db"];
        await using var first = await TestData.Open(path);
        await using var second = await TestData.Open(path);

        for (var i = 0; i < 100; i++)
        {
            var id = i.ToString(CultureInfo.InvariantCulture);
            await first.Commit(Handling(id, "first"));
            var outcomes = await second.Log.Commit(
                [Handling($"own {id}", "own"), Handling(id, "second")],
                TestData.Now,
                TestData.Cancel);

            Assert.Equal(
                [CommitResult.Committed, CommitResult.HandledBefore],
                outcomes.Select(outcome => outcome.Result));
        }
        Assert.Equal(200, (await second.ReadAll()).Count);
    }

    [Fact]
    public async Task An_id_is_handled_once_in_a_batch_and_again_after_its_expiry()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);

        var first = await storage.Log.Commit(
            [Handling("a", "first", TestData.Now + Window), Handling("a", "second")], TestData.Now, TestData.Cancel);
        var later = TestData.Now + Window;
        var again = await storage.Log.Commit(
            [Handling("b", "of b"), Handling("a", "third", later + Window)],
            later,
            TestData.Cancel);

        Assert.Equal([CommitResult.Committed, CommitResult.HandledBefore], first.Select(outcome => outcome.Result));
        Assert.Equal([CommitResult.Committed, CommitResult.Committed], again.Select(outcome => outcome.Result));
        var third = await storage.Log.Commit([Handling("a", "fourth", later + Window)], later, TestData.Cancel);
        Assert.Equal("third"u8.ToArray(), third[0].FirstAnswer?.Answer.ToArray());
    }

    [Fact]
    public async Task A_statement_of_a_repeated_id_is_not_executed()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        await storage.Commit(
            new CommitRequest { Statements = [new SqlStatement("CREATE TABLE rows (id TEXT PRIMARY KEY)", [])] }
        );
        var request = new CommitRequest
        {
            Handled = [Mark("a", "first", TestData.Now + Window)],
            Statements = [new SqlStatement("INSERT INTO rows (id) VALUES (?)", ["a"])],
        };
        await storage.Commit(request);

        var again = await storage.Commit(request); // The second row would violate the primary key.

        Assert.Equal(CommitResult.HandledBefore, again.Result);
    }

    [Fact]
    public async Task A_request_that_contains_the_same_id_twice_is_committed()
    {
        await using var storage = await TestData.Open(_directory["shop.db"]);
        var mark = Mark("a", "first", TestData.Now + Window);

        var outcome = await storage.Commit(new CommitRequest { Handled = [mark, mark] });

        Assert.Equal(CommitResult.Committed, outcome.Result);
    }

    [Fact]
    public async Task Each_commit_removes_some_expired_ids_and_no_others()
    {
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        await WriteIds(storage);

        var now = TestData.Now + Window;
        await storage.Log.Commit([TestData.Append("order-1", TestData.Event())], now, TestData.Cancel);
        var afterFirstCommit = Count(path, now);
        for (var i = 1; i < 15; i++)
            await storage.Log.Commit(
                [TestData.Append("order-1", TestData.Event())],
                now + TimeSpan.FromSeconds(10 * i),
                TestData.Cancel);

        Assert.InRange(afterFirstCommit.Expired, 1, Ids - 1);
        Assert.Equal((0, Ids), Count(path, now));
    }

    [Fact]
    public async Task A_frequently_restarted_node_removes_expired_ids()
    {
        var path = _directory["shop.db"];
        await using (var storage = await TestData.Open(path))
            await WriteIds(storage);

        var now = TestData.Now + Window;
        for (var i = 0; i < 15; i++)
        {
            await using var storage = await TestData.Open(path);
            await storage.Log.Commit([TestData.Append("order-1", TestData.Event())], now, TestData.Cancel);
        }

        Assert.Equal((0, Ids), Count(path, now));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Under_steady_load_at_most_twice_the_required_ids_are_stored(bool isInOrder)
    {
        const int rounds = 120;
        const int window = 20;
        const int idsPerRound = 100;
        var path = _directory["shop.db"];
        await using var storage = await TestData.Open(path);
        var random = new Random(1);
        var maxCount = 0L;

        for (var round = 0; round < rounds; round++)
        {
            var now = TestData.Now + TimeSpan.FromSeconds(round);
            var marks = Enumerable
                .Range(round * idsPerRound, idsPerRound)
                .Select(i =>
                    Mark(isInOrder ? $"{i:D8}" : $"{random.Next():D10} {i}", "", now + TimeSpan.FromSeconds(window)))
                .ToArray();
            await storage.Log.Commit([new CommitRequest { Handled = marks }], now, TestData.Cancel);
            var (expired, open) = Count(path, now);
            maxCount = Math.Max(maxCount, expired + open);
        }

        Assert.InRange(maxCount, window * idsPerRound, window * idsPerRound * 2);
    }

    /// <summary>Writes as many ids that expire after the window as ids that remain.</summary>
    private static async Task WriteIds(SqliteStorage storage)
    {
        var marks = Enumerable.Range(0, 2 * Ids)
            .Select(i => Mark($"{i:D6}", "answer", TestData.Now + (i % 2 == 0 ? Window : 100 * Window)))
            .ToArray();
        await storage.Commit(new CommitRequest { Handled = marks });
    }

    private static (long Expired, long Open) Count(string path, DateTimeOffset now)
    {
        using var connection = Connection.Open(path, ConnectionKind.Read, TimeSpan.FromSeconds(1));
        var time = StoredTime.ToMicroseconds(now);
        return (
            connection.Get("SELECT count(*) FROM handled WHERE until <= ?1").Bind(1, time).Scalar(),
            connection.Get("SELECT count(*) FROM handled WHERE until > ?1").Bind(1, time).Scalar());
    }

    private static CommitRequest Handling(
        string id, string answer, DateTimeOffset? until = null, string scope = Scope) =>
        new()
        {
            Handled = [Mark(id, answer, until ?? Forever, scope)],
            Appends = [new StreamAppend(new StreamId("order-1"), ExpectedVersion.Any, [TestData.Event()])],
        };

    private static HandledMark Mark(string id, string answer, DateTimeOffset until, string scope = Scope) =>
        new(scope, id, System.Text.Encoding.UTF8.GetBytes(answer), until);
}
