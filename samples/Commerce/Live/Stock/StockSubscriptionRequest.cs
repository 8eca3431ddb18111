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

    private static void Apply(JsonElement request, StockClient client)
    {
        var action = Member(request, "action") is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        if (action is not ("subscribe" or "unsubscribe"))
        {
            client.Warn("The action must be 'subscribe' or 'unsubscribe'.");
            return;
        }

        if (Member(request, "product_ids") is not { ValueKind: JsonValueKind.Array } products)
        {
            client.Warn("'product_ids' must be a list of products.");
            return;
        }

        foreach (var id in products.EnumerateArray())
            Apply(action, id, client);
    }

    private static void Apply(string action, JsonElement id, StockClient client)
    {
        if (id.ValueKind != JsonValueKind.String || !ProductId.TryParse(id.GetString(), null, out var product))
            client.Warn("One of 'product_ids' is no id of a product.");
        else if (action == "unsubscribe")
            client.Unsubscribe(product);
        else if (!client.Subscribe(product))
            client.Warn($"A connection has at most {StockClient.MaxProducts:N0} products.");
    }

    private static JsonElement? Member(JsonElement request, string name) =>
        request.ValueKind == JsonValueKind.Object && request.TryGetProperty(name, out var member) ? member : null;
}
