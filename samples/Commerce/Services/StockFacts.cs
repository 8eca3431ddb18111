using Commerce.Inventory;
using Millrace.Messaging;

namespace Commerce.Services;

/// <summary>
/// What the service that keeps the stock tells of it. Who hears it notes it in a log of its own, under the name of the item's stream: so
/// read models and live stock are made of it as where both are one program.
/// </summary>
public static class StockFacts
{
    public static void Hear(ReceiverBuilder receiver) => receiver.Handle<ProductStockChanged>(static (changed, context, _) =>
    {
        var item = InventoryItemId.Of(changed.Product, changed.Warehouse);
        context.Effect.To(StreamId.For("inventory", item), ExpectedVersion.Any, changed);
        return ValueTask.CompletedTask;
    });
}
