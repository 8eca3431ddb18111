using System.Data.Common;
using Microsoft.Data.Sqlite;
using Millrace.Materializing;
using Millrace.Storage;
using Millrace.Testing;
using Npgsql;

namespace Millrace.Tests.Materializing;

/// <summary>Tests immediate views whose rows the database refuses, beside views whose rows it accepts.</summary>
public sealed class RefusedRowTests
{
    private const string Ships = "loaded-ships";
    private const string Fleets = "fleet-totals";
    private const string Labels = "labeled-ships";

    public static TheoryData<StoreKind, string> Refused
    {
        get
        {
            var all = new TheoryData<StoreKind, string>();
            foreach (var kind in SharedStore.All.Where(static kind => kind != StoreKind.Memory))
            {
                all.Add(kind, Ships);
                all.Add(kind, Fleets);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Only_the_view_whose_row_is_refused_is_built_again(StoreKind kind, string refused)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        var before = await Built(node);
        await Refuse(shared, kind, before[refused].Live!, refused == Ships ? "bob" : "b");

        var token = await node.Append("bob", new Loaded("bob", 9));
        var document = await node.Cargo.Get("bob", token);
        var accepted = refused == Ships
            ? (await node.Fleets.Get("b", token)).Freshness
            : (await node.Ships.Get("bob", token)).Freshness;
        var after = await Eventually.Get(
            node.Records, all => all[refused].Live != before[refused].Live, TestNode.WaitTimeout);
        await node.RequireRightRows(token);

        Assert.Equal((9, true, true), (document.Value?.Crates, document.Freshness.IsFresh, accepted.IsFresh));
        foreach (var (name, record) in after)
        {
            Assert.Equal(name == refused ? 1 : 0, record.Failures);
            Assert.Equal(name == refused, record.Live != before[name].Live);
        }
        Assert.Empty(await node.Store.Storage.DeadLetters.List(new DeadLetterQuery(), CancellationToken.None));
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_view_keeps_its_rows_if_those_of_two_others_are_refused(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var node = await ImmediateNode.Start(shared, add: AddLabels);
        var first = await node.Append("ada", new Loaded("ada", 4));
        await node.RequireRightRows(first);
        await node.Labels.Get("ada", first);
        var before = await Built(node);
        await Refuse(shared, kind, before[Ships].Live!, "bob");
        await Refuse(shared, kind, before[Labels].Live!, "bob");

        var token = await node.Append("bob", new Loaded("bob", 9));
        var total = await node.Fleets.Get("b", token);
        var after = await Eventually.Get(
            node.Records,
            all => all[Ships].Live != before[Ships].Live && all[Labels].Live != before[Labels].Live,
            TestNode.WaitTimeout);
        await node.RequireRightRows(token);

        Assert.Equal((new FleetTotal("b", 1, 9), true), (total.Value, total.Freshness.IsFresh));
        Assert.Equal((before[Fleets].Live, 0), (after[Fleets].Live, after[Fleets].Failures));
        Assert.Equal("light", (await node.Labels.Get("bob", token)).Value?.Label);
    }

    [PostgreSqlFact]
    public async Task A_row_that_is_always_refused_does_not_affect_the_other_views()
    {
        using var shared = await SharedStore.Create(StoreKind.PostgreSql);
        await using var node = await ImmediateNode.Start(shared, add: AddLabels);
        var first = await node.Append("ada", new Loaded("ada", 4));
        await node.RequireRightRows(first);
        Assert.Equal("light", (await node.Labels.Get("ada", first)).Value?.Label);
        var before = await Built(node);

        await node.RequireRightRows(await node.Append("bob", new Loaded("bob", 150)));
        var failing = await Eventually.Get(
            node.Records, static all => all[Labels] is { Failures: > 1, Error: not null }, TestNode.WaitTimeout);
        await node.RequireRightRows(await node.Append("cyd", new Loaded("cyd", 150)));
        var last = await node.Append("all", new Unloaded("bob", 100), new Unloaded("cyd", 100));
        await node.RequireRightRows(last);
        await node.Views.Refresh(Labels, TestNode.WaitTimeout);

        Assert.Contains("PostgreSQL stores no text with a NUL", failing[Labels].Error, StringComparison.Ordinal);
        Assert.Equal("light", (await node.Labels.Get("bob", last)).Value?.Label);
        foreach (var (name, record) in (await node.Records()).Where(static one => one.Key != Labels))
            Assert.Equal((before[name].Live, 0), (record.Live, record.Failures));
    }

    [Theory]
    [StoreKinds]
    public async Task A_refused_page_of_a_build_affects_only_its_view(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        ConsistencyToken token;
        await using (var former = await ImmediateNode.Start(shared, hasViews: false))
        {
            token = await former.Append("ada", new Loaded("ada", 4));
            await former.Cargo.Get("ada", token);
        }
        var isRefused = true;
        var storage = new FaultyStorage(shared.Open())
        {
            FaultOf = request => Volatile.Read(ref isRefused) && HasRows(request, Ships)
                ? CommitFault.Refused
                : CommitFault.None,
        };

        await using var node = await ImmediateNode.Start(shared, storage: storage);
        var total = await node.Fleets.Get("a", token);
        var failing = await Eventually.Get(
            async () => await node.Views.List(),
            static all => all.Any(static one => one is { Name: Ships, Error: not null }),
            TestNode.WaitTimeout);
        var live = (await Eventually.Get(
            node.Records, static all => all[Fleets].Live is not null, TestNode.WaitTimeout))[Fleets].Live;
        Volatile.Write(ref isRefused, false);
        await node.Views.Refresh(Ships, TestNode.WaitTimeout);
        await node.RequireRightRows(token);

        Assert.Equal(new FleetTotal("a", 1, 4), total.Value);
        Assert.Null(failing.Single(static one => one.Name == Fleets).Error);
        Assert.Equal(live, (await node.Records())[Fleets].Live);
    }

    [Theory]
    [StoreKinds]
    public async Task A_refused_document_or_a_refusal_that_passes_affects_no_view(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var (once, attempts) = (1, 0);
        var storage = new FaultyStorage(shared.Open());
        await using var node = await ImmediateNode.Start(shared, storage: storage);
        await node.RequireRightRows(await node.Append("ada", new Loaded("ada", 4)));
        var before = await Built(node);
        storage.FaultOf = request =>
            request.Documents.Any(static change => change is { Collection: "cargo@1", Key: "bad" })
                ? Refuse(ref attempts)
                : HasRows(request, Fleets) && Interlocked.Decrement(ref once) >= 0 ? CommitFault.Refused
                : CommitFault.None;

        await node.RequireRightRows(await node.Append("bob", new Loaded("bob", 9)));
        await node.Append("bad", new Loaded("bad", 1));
        var letters = await Eventually.Get(
            async () => await node.Store.Storage.DeadLetters.List(new DeadLetterQuery(), CancellationToken.None),
            static letters => letters.Count > 0,
            TestNode.WaitTimeout);

        Assert.Equal("bad", Assert.Single(letters).Key);
        Assert.True(once < 0);
        Assert.InRange(attempts, 5, 50); // The commit itself, unchanged, without each view, and without both.
        foreach (var (name, record) in await node.Records())
            Assert.Equal((before[name].Live, 0), (record.Live, record.Failures));

        static CommitFault Refuse(ref int attempts)
        {
            Interlocked.Increment(ref attempts);
            return CommitFault.Refused;
        }
    }

    private static void AddLabels(MillraceBuilder millrace) =>
        millrace.AddView(new LabeledShips(), ImmediateJson.Default.LabeledShip);

    /// <summary>Returns the records when all of them name the rows that are read.</summary>
    private static Task<Dictionary<string, ViewRecord>> Built(ImmediateNode node) => Eventually.Get(
        node.Records, static all => all.Values.All(static one => one.Live is not null), TestNode.WaitTimeout);

    private static bool HasRows(CommitRequest request, string view) =>
        request.Documents.Any(change => change.Collection.StartsWith($"mv-{view}@", StringComparison.Ordinal));

    /// <summary>Makes the database refuse the row with a key in a collection.</summary>
    private static async Task Refuse(SharedStore shared, StoreKind kind, string collection, string key)
    {
        await using DbConnection connection = kind == StoreKind.Sqlite
            ? new SqliteConnection($"Data Source={shared.File};Pooling=False")
            : new NpgsqlConnection(shared.ConnectionString);
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        var schema = kind == StoreKind.Sqlite ? "" : "millrace.";
        command.CommandText = $"SELECT id FROM {schema}collections WHERE name = '{collection}'";
        var table = $"doc_{await command.ExecuteScalarAsync()}";
        command.CommandText = kind == StoreKind.Sqlite
            ? string.Concat(((string[])["INSERT", "UPDATE"]).Select(change =>
                $"CREATE TRIGGER refuse_{table}_{change} BEFORE {change} ON {table} WHEN NEW.key = '{key}' "
                    + "BEGIN SELECT RAISE(ABORT, 'refused'); END;"))
            : $"ALTER TABLE millrace_documents.{table} ADD CHECK (key <> '{key}') NOT VALID";
        await command.ExecuteNonQueryAsync();
    }
}
