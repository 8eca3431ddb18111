using Commerce.Inventory;
using Millrace.Messaging;

namespace Commerce.Services;

/// <summary>
/// Configures the receiver of the facts that the inventory service publishes. The receiver records them in its own
/// log, so that read models and live stock work as they do in a single program.
/// </summary>
public static class StockFacts
{
    public static void Configure(ReceiverBuilder receiver) =>
        receiver.Send<ProductStockChanged>(static changed => new NoteStock(changed));
}
