using System.Text.Json;
using Commerce.Catalogue;

namespace Commerce.Live.Stock;

/// <summary>A client's request: <c>{"action": "subscribe", "product_ids": ["…"]}</c>, or <c>unsubscribe</c>.</summary>
public static class StockSubscriptionRequest
{
    /// <summary>Applies a message. An error is sent to the client as a warning, and the connection stays
    /// open.</summary>
    public static void Apply(ReadOnlyMemory<byte> message, StockClient client)
    {
        try
        {
            using var json = JsonDocument.Parse(message);
            Apply(json.RootElement, client);
        }
        catch (JsonException)
        {
            client.Warn("This is no JSON.");
        }
    }

    private static void Apply(JsonElement wish, StockClient client)
    {
        var action = Member(wish, "action") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        if (action is not ("subscribe" or "unsubscribe"))
        {
            client.Warn("The action must be 'subscribe' or 'unsubscribe'.");
            return;
        }

        if (Member(wish, "product_ids") is not { ValueKind: JsonValueKind.Array } products)
        {
            client.Warn("'product_ids' must be a list of products.");
            return;
        }

        foreach (var one in products.EnumerateArray())
            Apply(action, one, client);
    }

    private static void Apply(string action, JsonElement one, StockClient client)
    {
        if (one.ValueKind != JsonValueKind.String || !ProductId.TryParse(one.GetString(), null, out var product))
            client.Warn("One of 'product_ids' is no id of a product.");
        else if (action == "unsubscribe")
            client.Unsubscribe(product);
        else if (!client.Subscribe(product))
            client.Warn($"A connection has at most {StockClient.MaxProducts:N0} products.");
    }

    private static JsonElement? Member(JsonElement wish, string name) =>
        wish.ValueKind == JsonValueKind.Object && wish.TryGetProperty(name, out var member) ? member : null;
}
