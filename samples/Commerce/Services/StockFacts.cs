using Commerce.Inventory;
using Millrace.Messaging;

namespace Commerce.Services;

/// <summary>
/// The facts that the inventory service publishes. A receiver records them in its own log, so read models and live
/// stock work as in a single program.
/// </summary>
public static class StockFacts
{
    public static void Configure(ReceiverBuilder receiver) =>
        receiver.Send<ProductStockChanged>(static changed => new NoteStock(changed));
}
