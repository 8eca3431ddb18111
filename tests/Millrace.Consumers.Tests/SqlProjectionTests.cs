using System.Globalization;
using Microsoft.Data.Sqlite;
using Millrace.Projecting;
using Millrace.Storage;

namespace Millrace.Tests;

public sealed class SqlProjectionTests
{
    private const string Consumer = "manifest@1";

    [Fact]
    public async Task Each_event_changes_the_tables_once_over_restarts()
    {
        using var file = new ShopFile();
        for (var run = 0; run < 3; run++)
        {
            await using var node = await Start(file, new Manifest());
            ConsistencyToken token = default;
            for (var i = 0; i < 20; i++)
                token = await node.Append($"s{i % 4}", new Loaded($"s{i % 4}", 1), new Unloaded($"s{i % 4}", 3));
            Assert.True(await node.Consumers.WaitFor(Consumer, token));
        }

        Assert.Equal(
            ["s0:15", "s1:15", "s2:15", "s3:15"],
            await Read(file, "SELECT ship || ':' || crates FROM manifest ORDER BY ship"));
        Assert.Equal(["-120"], await Read(file, "SELECT sum(change) FROM movements"));
    }

    [Fact]
    public async Task Values_keep_their_type()
    {
        using var file = new ShopFile();
        await using var node = await Start(file, new Manifest());

        var token = await node.Append("ada", new Loaded("ada", 1));
        await node.Consumers.WaitFor(Consumer, token);

        Assert.Equal(
            ["integer text text text blob null real integer"],
            await Read(
                file,
                "SELECT " + string.Join(" || ' ' || ", "abcdefgh".Select(column => $"typeof({column})")) + " FROM kinds"
            )
        );
        Assert.Equal(["12.50 2026-11-20"], await Read(file, "SELECT b || ' ' || c FROM kinds"));
    }

    [Fact]
    public async Task A_refused_statement_parks_its_event_and_leaves_no_partial_change()
    {
        using var file = new ShopFile();
        await using var node = await Start(file, new Manifest());
        await node.Append("ada", new Loaded("ada", 1));
        await node.Append("bea", new Loaded("bea", 13));
        await node.Append("ada", new Loaded("ada", 1));
        await node.Append("bea", new Loaded("bea", 1));

        await node.WaitUntil(Consumer, status => status.LagEvents == 0);
        var letters = await node.ListDeadLetters();

        Assert.Equal(
            [(2, DeadLetterState.Parked), (4, DeadLetterState.Waiting)],
            letters.Select(letter => (letter.Position, letter.State)));
        Assert.Contains("CHECK", letters[0].Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(["ada:2"], await Read(file, "SELECT ship || ':' || crates FROM manifest"));
        Assert.Equal(["2"], await Read(file, "SELECT count(*) FROM movements"));
        await node.Decide(letters[0], DeadLetterDecision.Skip);
        await node.WaitUntil(Consumer, status => status.OpenDeadLetters == 0);
        Assert.Equal(["ada:2", "bea:1"], await Read(file, "SELECT ship || ':' || crates FROM manifest ORDER BY ship"));
    }

    [Fact]
    public async Task A_reset_empties_the_tables_and_builds_them_again()
    {
        using var file = new ShopFile();
        await using var node = await Start(file, new Manifest());
        var token = await node.Append("ada", new Loaded("ada", 2), new Loaded("ada", 3));
        await node.Consumers.WaitFor(Consumer, token);

        await node.Consumers.Reset(Consumer);
        await node.Consumers.WaitFor(Consumer, token);

        Assert.Equal(["ada:5"], await Read(file, "SELECT ship || ':' || crates FROM manifest"));
        Assert.Equal(["2"], await Read(file, "SELECT count(*) FROM movements"));
    }

    [Fact]
    public async Task A_reset_empties_the_tables_when_the_log_has_no_events_for_them()
    {
        using var file = new ShopFile();
        await using var node = await Start(file, new Manifest());
        var token = await node.Append("ada", new Loaded("ada", 2), new Scrapped("ada"));
        await node.Consumers.WaitFor(Consumer, token);
        var before = await Read(file, "SELECT ship || ':' || crates FROM manifest");
        await node.Store.Truncate(Harbour.StreamOf("ada"), 2, "too old");

        await node.Consumers.Reset(Consumer);
        var isThere = await node.Consumers.WaitFor(Consumer, token);

        Assert.Equal(["ada:2"], before);
        Assert.True(isThere);
        Assert.Equal(["0"], await Read(file, "SELECT count(*) FROM manifest"));
        Assert.Equal(["0"], await Read(file, "SELECT count(*) FROM movements"));
    }

    [Fact]
    public async Task Tables_that_cannot_be_emptied_create_no_dead_letter()
    {
        using var file = new ShopFile();
        await using var node = await Start(file, new Manifest(clear: "DELETE FROM not_made_yet"));
        var token = await node.Append("ada", new Loaded("ada", 2));

        var stalled = await node.WaitUntil(Consumer, status => status.State == ConsumerState.Stalled);
        await Read(file, "CREATE TABLE not_made_yet (a)");
        var isThere = await node.Consumers.WaitFor(Consumer, token);

        Assert.Null(stalled.Problem!.Position);
        Assert.True(isThere);
        Assert.Empty(await node.ListDeadLetters());
        Assert.Equal(["ada:2"], await Read(file, "SELECT ship || ':' || crates FROM manifest"));
    }

    [Fact]
    public async Task The_first_event_with_a_failing_statement_becomes_a_dead_letter_after_tables_were_emptied()
    {
        using var file = new ShopFile();
        await using var node = await Start(file, new Manifest());
        await node.Append("bea", new Loaded("bea", 13));
        var token = await node.Append("ada", new Loaded("ada", 1));

        Assert.True(await node.Consumers.WaitFor(Consumer, token));

        Assert.Equal([1L], (await node.ListDeadLetters()).Select(letter => letter.Position));
        Assert.Equal(["ada:1"], await Read(file, "SELECT ship || ':' || crates FROM manifest"));
    }

    [Fact]
    public async Task Tables_of_the_store_cannot_be_accessed()
    {
        using var file = new ShopFile();
        await using var node = await Start(file, new EventDeletingProjection());

        var status = await node.WaitUntil("vandal@1", status => status.State == ConsumerState.Faulted);

        Assert.NotNull(status.Error);
        await node.Append("ada", new Loaded("ada", 1));
        Assert.NotNull(await node.Store.GetStream(Harbour.StreamOf("ada")));
    }

    private static Task<TestNode> Start(ShopFile file, SqlProjection projection) => TestNode.Start(
        file.Open(), host => host.Add(new SqlProjectionProcessor(projection, host.Store, host.Options)));

    private static async Task<List<string>> Read(ShopFile file, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={file.Path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Constants of the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
            rows.Add(Convert.ToString(reader.GetValue(0), CultureInfo.InvariantCulture)!);
        return rows;
    }

    private sealed class Manifest(string? clear = null) : SqlProjection("manifest")
    {
        protected internal override IReadOnlyList<Type> Events => [typeof(Loaded), typeof(Unloaded)];

        protected internal override IReadOnlyList<string> Schema =>
        [
            "CREATE TABLE IF NOT EXISTS manifest (ship TEXT PRIMARY KEY, crates INTEGER NOT NULL)",
            "CREATE TABLE IF NOT EXISTS movements (ship TEXT, change INTEGER CHECK (change <> 13))",
            "CREATE TABLE IF NOT EXISTS kinds (a, b, c, d, e, f, g, h)",
        ];

        protected internal override IReadOnlyList<string> Clear =>
            clear is null ? ["DELETE FROM manifest", "DELETE FROM movements", "DELETE FROM kinds"] : [clear];

        protected internal override void Apply(RecordedEvent recorded, SqlBatch batch)
        {
            if (recorded.Data is Loaded loaded)
            {
                batch.Add(
                    "INSERT INTO manifest VALUES (?, ?) ON CONFLICT (ship) DO UPDATE SET crates "
                        + "= crates + excluded.crates",
                    loaded.Ship,
                    loaded.Crates);
                batch.Add("INSERT INTO movements VALUES (?, ?)", loaded.Ship, loaded.Crates);
                batch.Add(
                    "INSERT INTO kinds VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    1, 12.50m, new DateOnly(2026, 11, 20), recorded.Id, new byte[] { 1 }, SqlValue.Null, 0.5, true);
            }
            else if (recorded.Data is Unloaded unloaded)
            {
                batch.Add("INSERT INTO movements VALUES (?, ?)", unloaded.Ship, -unloaded.Crates);
            }
        }
    }

    private sealed class EventDeletingProjection() : SqlProjection("vandal")
    {
        protected internal override IReadOnlyList<Type> Events => [typeof(Loaded)];

        protected internal override IReadOnlyList<string> Schema => ["DELETE FROM events"];

        protected internal override IReadOnlyList<string> Clear => [];

        protected internal override void Apply(RecordedEvent recorded, SqlBatch batch)
        {
        }
    }
}
