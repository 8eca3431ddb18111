using Millrace.Storage;

namespace Millrace.Tests;

public sealed class ProjectionTests
{
    [Fact]
    public async Task A_read_with_a_token_returns_the_appended_events()
    {
        await using var node = await TestNode.StartCargo();

        var token = await node.Append("ada", new Loaded("ada", 5), new Unloaded("ada", 2));
        var cargo = await node.Cargo.Get("ada", token);

        Assert.True(cargo.IsFresh);
        Assert.Equal(new Cargo("ada", 3, 2, 2), cargo.Value);
    }

    [Fact]
    public async Task A_document_folded_to_null_is_deleted()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 5));

        var token = await node.Append("ada", new Scrapped("ada"));
        var gone = await node.Cargo.Get("ada", token);
        var again = await node.Cargo.Get("ada", await node.Append("ada", new Loaded("ada", 1)));

        Assert.Equal((true, null), (gone.IsFresh, gone.Value));
        Assert.Equal(new Cargo("ada", 1, 1, 3), again.Value);
    }

    [Fact]
    public async Task An_event_can_change_several_documents_each_once()
    {
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, Harbour.Docks()));

        var token = await node.Append(
            "ada", new Inspected("ada", ["north", "south", "north"]), new Inspected("ada", ["south"]));
        var docks = await Harbour.Docks().CreateReadModel(node.Host).GetMany(["north", "south", "west"], token);

        Assert.True(docks.IsFresh);
        Assert.Equal(
            [new DockLog("north", 1), new DockLog("south", 2)],
            docks.Value!.Values.OrderBy(dock => dock.Dock));
    }

    [Fact]
    public async Task Documents_are_found_by_their_fields_in_order_page_by_page()
    {
        await using var node = await TestNode.StartCargo();
        ConsistencyToken token = default;
        for (var i = 0; i < 25; i++)
            token = await node.Append($"s{i:00}", new Loaded($"s{i:00}", i % 5));

        var query = new ReadQuery
        {
            Conditions = [new(
            "crates", Comparison.GreaterOrEqual, 2)],
            OrderBy = "crates",
            IsDescending = true,
            Limit = 4
        };
        var seen = new List<Cargo>();
        string? cursor = null;
        do
        {
            var page = await node.Cargo.Query(query with { Cursor = cursor }, token);
            Assert.True(page.IsFresh);
            seen.AddRange(page.Items);
            cursor = page.Next;
        }
        while (cursor is not null);
        var count = await node.Cargo.Count(query.Conditions, token);

        Assert.Equal(15, count.Value);
        Assert.Equal(15, seen.Select(cargo => cargo.Ship).Distinct().Count());
        Assert.Equal(
            seen.OrderByDescending(cargo => cargo.Crates).Select(cargo => cargo.Crates),
            seen.Select(cargo => cargo.Crates));
    }

    [Fact]
    public async Task A_cursor_of_another_order_is_refused()
    {
        await using var node = await TestNode.StartCargo();
        await node.Append("ada", new Loaded("ada", 1));
        var token = await node.Append("bea", new Loaded("bea", 1));
        var page = await node.Cargo.Query(new ReadQuery { OrderBy = "crates", Limit = 1 }, token);

        var other = new ReadQuery { OrderBy = "ship", Cursor = page.Next };
        await Assert.ThrowsAsync<InvalidValueException>(() => node.Cargo.Query(other).AsTask());
        foreach (var cursor in (string[])["", "§", "nonsense", "AAAA", new string('A', 100_000)])
            await Assert.ThrowsAsync<InvalidValueException>(() =>
                node.Cargo.Query(new ReadQuery { Cursor = cursor }).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() =>
            node.Cargo.Query(new ReadQuery { OrderBy = "weight" }).AsTask());
    }

    [Fact]
    public async Task A_new_version_is_built_from_the_first_event()
    {
        await using var node = await TestNode.Start(add: host =>
        {
            TestNode.Add(host, Harbour.Cargo());
            TestNode.Add(host, Harbour.Cargo(version: 2));
        });
        var token = await node.Append("ada", new Loaded("ada", 5));

        var second = await Harbour.Cargo(version: 2).CreateReadModel(node.Host).Get("ada", token);

        Assert.Equal(new Cargo("ada", 5, 1, 1), second.Value);
    }
}
