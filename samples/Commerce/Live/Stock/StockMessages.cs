using System.Text.Json;
using Commerce.Catalogue;

namespace Commerce.Live.Stock;

/// <summary>Writes the JSON messages to clients.</summary>
public static class StockMessages
{
    /// <summary>Writes the state of a product in all warehouses.</summary>
    public static byte[] State(ProductId product, IReadOnlyList<StockChange> state) => Write(writer =>
    {
        writer.WriteString("subscribed", product.ToString());
        writer.WriteStartArray("state");
        foreach (var change in state)
        {
            writer.WriteStartObject();
            Members(writer, change);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });

    /// <summary>Writes a change.</summary>
    public static byte[] Change(StockChange change) => Write(writer => Members(writer, change));

    /// <summary>Writes the error in a message.</summary>
    public static byte[] Warning(string text) => Write(writer => writer.WriteString("warning", text));

    private static void Members(Utf8JsonWriter writer, StockChange change)
    {
        writer.WriteString("product", change.Product.ToString());
        writer.WriteString("warehouse", change.Warehouse.ToString());
        writer.WriteNumber("available", change.Available);
        writer.WriteString("time", change.Time);
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            members(writer);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
