using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Millrace.Model.Tests.Access;

/// <summary>A read model with members below the top level, and queries that return it as JSON of any form.</summary>
public sealed class ShipmentList : IModel
{
    public static Shipment First { get; } = new(
        7,
        new Address("Elm Street 1", "Bath"),
        [new Parcel("books", 3), new Parcel("gin", 2)],
        new Dictionary<string, Contact> { ["home"] = new("555-1"), ["work"] = new("555-2") },
        JsonElement.Parse("""{"address":"kept"}"""));

    public static void Register(ModelBuilder model) => model
        .Projection(
            new ProjectionDefinition<int, Shipment>
            {
                Name = "shipment",
                Events = [typeof(AccountOpened)],
                Create = () => new ShipmentProjection(),
                Document = ShipmentJson.Default.Shipment,
            })
        .Query(new QueryDefinition<FindShipment, Shipment>("find-shipment", (_, _, _) => new(First)))
        .Query(new QueryDefinition<ShowNode, JsonNode>("show-node", (_, _, _) => new(
            new JsonObject
            {
                ["count"] = 1,
                ["all"] = new JsonArray(JsonSerializer.SerializeToNode(First, ShipmentJson.Default.Shipment)),
            })))
        .Query(new QueryDefinition<ShowElement, JsonElement>("show-element", (_, _, _) => new(
            JsonSerializer.SerializeToElement(First, ShipmentJson.Default.Shipment))))
        .Json(ShipmentJson.Default);
}

public sealed record Shipment(
    int Number,
    Address? Address,
    IReadOnlyList<Parcel> Parcels,
    IReadOnlyDictionary<string, Contact> Contacts,
    JsonElement Extra);

public sealed record Address(string? Street, string? City);

public sealed record Parcel(string? Content, int Weight);

public sealed record Contact(string? Phone);

public sealed record FindShipment : IQuery<Shipment>;

public sealed record ShowNode : IQuery<JsonNode>;

public sealed record ShowElement : IQuery<JsonElement>;

public sealed class ShipmentProjection : Projection<int, Shipment>
{
    protected internal override void CollectKeys(RecordedEvent recorded, ICollection<int> keys) => keys.Add(1);

    protected internal override Shipment? Fold(int key, Shipment? document, RecordedEvent recorded) => document;
}

[JsonSerializable(typeof(Shipment))]
[JsonSerializable(typeof(FindShipment))]
[JsonSerializable(typeof(ShowNode))]
[JsonSerializable(typeof(ShowElement))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(JsonElement))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
public sealed partial class ShipmentJson : JsonSerializerContext;
