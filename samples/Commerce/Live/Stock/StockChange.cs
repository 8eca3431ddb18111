using System.Text.Json;
using Commerce.Catalogue;
using Commerce.Inventory;

namespace Commerce.Live.Stock;

/// <summary>What is available of a product in a warehouse from a moment on.</summary>
/// <param name="Version">The version of the item's stream: of two changes the greater one is newer.</param>
public sealed record StockChange(
    ProductId Product, WarehouseId Warehouse, int Available, DateTimeOffset Time, long Version)
{
    /// <summary>The events that tell of it.</summary>
    public static EventFilter Events { get; } = EventFilter.OfTypes(["product.stock-changed"]);

    public InventoryItemId Item => InventoryItemId.Of(Product, Warehouse);

    public static StockChange Of(RecordedEvent recorded) => recorded.Data is ProductStockChanged changed
        ? new(changed.Product, changed.Warehouse, changed.NewAvailable, changed.OccurredAt, recorded.Version)
        : throw new ArgumentException($"The event '{recorded.Type}' tells of no stock.", nameof(recorded));

    /// <summary>What nodes tell each other.</summary>
    public byte[] ToNodes() => JsonSerializer.SerializeToUtf8Bytes(this, JsonSerializerOptions.Web);

    /// <summary>What another node told; null for what is no such thing.</summary>
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
