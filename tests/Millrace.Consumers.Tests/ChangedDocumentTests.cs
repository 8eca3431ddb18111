using System.Text.Json.Serialization;
using Millrace.Storage;
using Millrace.Storage.InMemory;
using Millrace.Testing;

namespace Millrace.Tests;

/// <summary>Tests of a read model whose document class is changed after documents were stored.</summary>
public sealed partial class ChangedDocumentTests
{
    [Fact]
    public async Task A_changed_class_with_the_same_version_is_reported_with_the_next_version()
    {
        var storage = new InMemoryStorage();
        await FillCargo(storage);
        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, Crates(version: 1)));
        var model = Crates(version: 1).CreateReadModel(node.Host);

        var refused = await Assert.ThrowsAsync<UnreadableDocumentException>(async () => await model.Get("ada"));

        Assert.Equal(("cargo", 1, typeof(CrateList)), (refused.Projection, refused.Version, refused.DocumentType));
        Assert.Contains(
            "cannot be read as CrateList: The JSON value could not be converted", refused.Message,
            StringComparison.Ordinal);
        Assert.Contains("[Projection(\"cargo\", Version = 2)]", refused.Message, StringComparison.Ordinal);
        Assert.False(refused.IsTransient);
    }

    [Fact]
    public async Task The_consumer_stops_before_the_event_and_its_error_names_the_next_version()
    {
        var storage = new InMemoryStorage();
        await FillCargo(storage);
        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, Crates(version: 1)));

        await node.Append("ada", new Loaded("ada", 2));
        await node.WaitUntil("cargo@1", status => status is { State: ConsumerState.Stalled, Error: not null });
        var status = Assert.Single(await node.Consumers.List());

        Assert.Contains("[Projection(\"cargo\", Version = 2)]", status.Error!, StringComparison.Ordinal);
        Assert.Equal((1, 0), (status.Checkpoint, status.OpenDeadLetters));
    }

    [Fact]
    public async Task The_next_version_builds_the_documents_again()
    {
        var storage = new InMemoryStorage();
        await FillCargo(storage);
        await using var node = await TestNode.Start(storage, host => TestNode.Add(host, Crates(version: 2)));
        var model = Crates(version: 2).CreateReadModel(node.Host);

        // Until the new version takes over, readers get the documents of the old one.
        await Eventually.Get(
            async () => await node.Projections.Catalog(),
            rows => rows.Single().Live == "cargo@2",
            TestNode.WaitTimeout);
        var read = await model.Get("ada", await node.Append("ada", new Loaded("ada", 2)));

        Assert.Equal([5, 2], read.Value!.Crates);
    }

    private static async Task FillCargo(InMemoryStorage storage)
    {
        await using var node = await TestNode.StartCargo(storage);
        var read = await node.Cargo.Get("ada", await node.Append("ada", new Loaded("ada", 5)));
        Assert.Equal(5, read.Value!.Crates);
    }

    private static ProjectionDefinition<string, CrateList> Crates(int version) => new()
    {
        Name = "cargo",
        Version = version,
        Events = [typeof(Loaded)],
        Create = static () => new CrateProjection(),
        Document = CrateJson.Default.CrateList,
        // The indexed fields are unchanged: other fields would be a new collection, which is built from the events.
        Fields =
        [
            new DocumentField<CrateList>("ship", FieldKind.Text, static list => list.Ship),
            new DocumentField<CrateList>("crates", FieldKind.Integer, static list => list.Crates.Sum()),
        ],
    };

    /// <summary>The documents after the change: the member <c>crates</c> is a list instead of a number.</summary>
    internal sealed record CrateList(string Ship, int[] Crates);

    private sealed class CrateProjection : Projection<string, CrateList>
    {
        protected internal override void CollectKeys(RecordedEvent recorded, ICollection<string> keys) =>
            keys.Add(((Loaded)recorded.Data).Ship);

        protected internal override CrateList Fold(string key, CrateList? document, RecordedEvent recorded) =>
            new(key, [.. document?.Crates ?? [], ((Loaded)recorded.Data).Crates]);
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(CrateList))]
    internal sealed partial class CrateJson : JsonSerializerContext;
}
