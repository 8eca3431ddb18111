using System.Text.Json;
using Commerce.Catalogue;
using Commerce.Inventory;

namespace Commerce.Live.Stock;

/// <summary>The available quantity of a product in a warehouse, from one version of the item on.</summary>
/// <param name="Version">The version of the item's stream. The change with the greater version is newer.</param>
public sealed record StockChange(
    ProductId Product, WarehouseId Warehouse, int Available, DateTimeOffset Time, long Version)
{
    /// <summary>The events that carry stock changes.</summary>
    public static EventFilter Events { get; } = EventFilter.OfTypes(["product.stock-changed"]);

    public InventoryItemId Item => InventoryItemId.Of(Product, Warehouse);

    public static StockChange Of(RecordedEvent recorded) => recorded.Data is ProductStockChanged changed
        ? new(changed.Product, changed.Warehouse, changed.NewAvailable, changed.OccurredAt, recorded.Version)
        : throw new ArgumentException($"The event '{recorded.Type}' is not about stock.", nameof(recorded));

    /// <summary>Serializes the change for other nodes.</summary>
    public byte[] ToNodes() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    /// <summary>Reads a change from another node. Returns null when the message is not a stock change.</summary>
    public static StockChange? FromNode(ReadOnlyMemory<byte> message)
    {
        try
        {
            return JsonSerializer.Deserialize<StockChange>(message.Span, JsonSerializerOptions.Web);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
