using System.Text.Json.Serialization;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Millrace.Tests;

public sealed partial class PreviewTests
{
    private static readonly ProjectionDefinition<string, Cargo> New = Harbour.Cargo(
        version: 2, create: static () => new DoubleCountingProjection());

    [Fact]
    public async Task A_preview_of_the_same_build_reports_no_change_and_writes_no_data()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        await Fill(node);
        var before = (await node.Store.GetToken(), await node.Projections.Catalog(), await node.Consumers.List());

        var report = await Preview.Run(node.Store, [Harbour.Cargo()]);

        Assert.True(report.IsSame && report.IsReadable);
        var preview = Assert.Single(report.Projections);
        Assert.Equal(
            ("cargo@1", "cargo@1", 3, 300), (preview.Collection, preview.Live, preview.Documents, preview.Events));
        Assert.Equal(3, preview.Comparison.Same);
        Assert.True(preview.Bytes > 0 && report.Position == 301);
        var after = (await node.Store.GetToken(), await node.Projections.Catalog(), await node.Consumers.List());
        Assert.Equal(before.Item1, after.Item1);
        Assert.Equal(before.Item2, after.Item2);
        Assert.Equal(before.Item3, after.Item3);
    }

    [Fact]
    public async Task A_different_build_is_reported_by_row_and_field_and_its_failures_by_position()
    {
        await using var node = await TestNode.StartCargo();
        await Fill(node);
        var strict = Harbour.Cargo(version: 2, create: static () => new StrictProjection());

        var changed = Assert.Single((await Preview.Run(node.Store, [New])).Projections);
        var failing = await Preview.Run(node.Store, [strict], new PreviewOptions { Examples = 1 });

        var comparison = changed.Comparison;
        Assert.Equal((0, 0, 3, 0), (comparison.Added, comparison.Gone, comparison.Changed, comparison.Same));
        var field = Assert.Single(comparison.Examples[0].Fields);
        Assert.Equal(
            ("s0", "crates", "100", "200"), (comparison.Examples[0].Key, field.Path, field.Before, field.After));
        var preview = Assert.Single(failing.Projections);
        Assert.False(failing.IsReadable);
        Assert.Equal((100, 1), (preview.Failed, preview.Comparison.Gone));
        Assert.Equal(
            (3, "ship.loaded", "The ship fails."),
            (preview.Failures[0].Position, preview.Failures[0].Type, preview.Failures[0].Message));
        Assert.Equal(
            (DifferenceKind.Gone, "s2"), (preview.Comparison.Examples[0].Kind, preview.Comparison.Examples[0].Key));
    }

    [Fact]
    public async Task Unreadable_and_unknown_events_are_reported()
    {
        var storage = new InMemoryStorage();
        await using var node = await TestNode.StartCargo(storage);
        await Fill(node);
        // A store without event types does not validate payloads.
        await using var other = await EventStore.Open(storage, EventTypeMap.Empty);
        await other.Append(
            new StreamId("ship-x"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("ship.loaded", "{]"u8.ToArray())]);
        await other.Append(
            new StreamId("ship-x"),
            ExpectedVersion.Any,
            [NewEvent.FromBytes("ship.sunk", "{}"u8.ToArray())]);

        var report = await Preview.Run(node.Store, []);

        var unreadable = Assert.Single(report.Unreadable);
        Assert.Equal(("ship.loaded", 1, 302), (unreadable.Type, unreadable.Events, unreadable.FirstPosition));
        Assert.Equal((1, 303, false), (report.Unknown, report.Position, report.IsReadable));
    }

    [Fact]
    public async Task All_documents_of_a_missing_read_model_are_new_and_a_sample_folds_its_share()
    {
        await using var node = await TestNode.Start();
        for (var ship = 0; ship < 200; ship++)
            await node.Append($"s{ship}", new Loaded($"s{ship}", 1));

        var all = Assert.Single((await Preview.Run(node.Store, [New])).Projections);
        var some = Assert.Single((await Preview.Run(node.Store, [New], new PreviewOptions { OneOf = 4 })).Projections);

        Assert.Equal((null, 200, 10), (all.Live, all.Comparison.Added, all.Comparison.Examples.Count));
        Assert.InRange(some.Comparison.Added, 20, 90);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() =>
            Preview.Run(node.Store, [], new PreviewOptions { OneOf = 0 }));
    }

    [Fact]
    public async Task Decisions_about_dead_letters_apply_to_the_same_version_only()
    {
        await using var node = await TestNode.StartCargo();
        var note = new DeadLetterNote("ada", "because");
        await node.Append("ada", new Loaded("ada", 1), new Loaded("ada", -1), new Loaded("ada", 2));
        await node.Append("bea", new Loaded("bea", 1), new Loaded("bea", -1), new Loaded("bea", 2));
        var letters = await node.WaitForDeadLetters(all => all.Count == 4);
        var parked = letters.Where(letter => letter.State == DeadLetterState.Parked).ToDictionary(letter => letter.Key);
        await node.DeadLetters.Edit(parked["ada"].Id, """{"ship":"ada","crates":7}"""u8.ToArray(), note);
        await node.DeadLetters.Skip(parked["bea"].Id, note);
        await node.WaitUntil("cargo@1", status => status is { LagEvents: 0, OpenDeadLetters: 0 });

        var same = await Preview.Run(node.Store, [Harbour.Cargo()]);
        var other = await Preview.Run(node.Store, [Harbour.Cargo(version: 2)]);

        Assert.Equal(
            (2L, 0L, true),
            (same.Projections[0].Comparison.Same, same.Projections[0].Failed, same.IsSame && same.IsReadable));
        Assert.Equal((1L, 2L), (other.Projections[0].Comparison.Changed, other.Projections[0].Failed));
        Assert.Equal("ada", Assert.Single(other.Projections[0].Comparison.Examples).Key);
    }

    [Fact]
    public async Task A_recreated_stream_is_not_a_difference()
    {
        var inline = Harbour.Cargo(ProjectionLifecycle.Inline);
        await using var node = await TestNode.Start(add: host => TestNode.Add(host, inline));
        await node.Append("ada", new Loaded("ada", 5));
        await node.Store.Delete(Harbour.StreamOf("ada"), ExpectedVersion.StreamExists, "sold");
        await node.Append("ada", new Loaded("ada", 1), new Loaded("ada", 1));
        await node.WaitUntil("cargo@1", status => status is { LagEvents: 0 });

        var report = await Preview.Run(node.Store, [inline]);

        Assert.Equal(2, (await inline.CreateReadModel(node.Host).Get("ada")).Value!.Crates);
        Assert.True(report.IsSame, string.Join(" ", report.Projections[0].Comparison.Examples));
    }

    private static async Task Fill(TestNode node)
    {
        for (var i = 0; i < 300; i++)
            await node.Append($"s{i % 3}", new Loaded($"s{i % 3}", 1));
        await node.Append("s0", new Inspected("s0", []));
        await node.WaitUntil("cargo@1", status => status is { State: ConsumerState.Live, LagEvents: 0 });
    }

    [Fact]
    public async Task A_document_that_cannot_be_written_is_reported_and_the_rest_is_compared()
    {
        await using var node = await TestNode.Start();
        await node.Append("s1", new Loaded("s1", 1));
        await node.Append("s2", new Loaded("s2", 0), new Loaded("s2", 0));
        var draught = new ProjectionDefinition<string, Draught>
        {
            Name = "draught",
            Create = static () => new DraughtProjection(),
            Events = [typeof(Loaded)],
            Document = PreviewJson.Default.Draught,
        };

        var report = await Preview.Run(node.Store, [draught]);

        var preview = Assert.Single(report.Projections);
        Assert.Equal((1, 1L, false), (preview.Comparison.Added, preview.Failed, report.IsReadable));
        Assert.Equal((3, "ship.loaded"), (preview.Failures[0].Position, preview.Failures[0].Type));
        Assert.Contains("The document 's2' cannot be written", preview.Failures[0].Message, StringComparison.Ordinal);
    }

    internal sealed record Draught(double Metres);

    [JsonSerializable(typeof(Draught))]
    private sealed partial class PreviewJson : JsonSerializerContext;

    private sealed class DraughtProjection : Projection<string, Draught>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((Loaded)recorded.Data).Ship);

        protected internal override Draught? Fold(string key, Draught? document, RecordedEvent recorded) =>
            new(((Loaded)recorded.Data).Crates is var crates && crates == 0 ? double.NaN : crates);
    }

    private sealed class StrictProjection : Projection<string, Cargo>
    {
        private readonly CargoProjection _inner = new();

        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            _inner.CollectKeys(recorded, keys);

        protected internal override Cargo? Fold(string key, Cargo? document, RecordedEvent recorded) => key == "s2"
            ? throw new InvalidOperationException("The ship fails.")
            : _inner.Fold(key, document, recorded);
    }
}
