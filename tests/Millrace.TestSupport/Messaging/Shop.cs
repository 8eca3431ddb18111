using System.Text.Json.Serialization;

namespace Millrace.TestSupport.Messaging;

public sealed record Placed(string Order, int Total);

public sealed record Paid(string Order);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Placed))]
[JsonSerializable(typeof(Paid))]
internal sealed partial class ShopJson : JsonSerializerContext;

/// <summary>The model of these tests, without generated code.</summary>
internal static class Shop
{
    public static ModelBuilder Register(ModelBuilder model) => model
        .Event("order.placed", 1, ShopJson.Default.Placed)
        .Event("order.paid", 1, ShopJson.Default.Paid);

    public static StreamId StreamOf(string order) => StreamId.For("order", order);

    public static Task<AppendResult> Place(this EventStore store, string order, int total = 1) =>
        store.Append(StreamOf(order), ExpectedVersion.Any, [new Placed(order, total)]);

    public static Task<AppendResult> Pay(this EventStore store, string order) =>
        store.Append(StreamOf(order), ExpectedVersion.Any, [new Paid(order)]);
}
