using Commerce.Inventory;
using Millrace.Messaging;

namespace Commerce.Services;

/// <summary>
/// What the service that keeps the stock tells of it. Who hears it notes it in a log of its own: so read models and
/// live stock are made of it as where both are one program.
/// </summary>
public static class StockFacts
{
    public static void Configure(ReceiverBuilder receiver) =>
        receiver.Send<ProductStockChanged>(static changed => new NoteStock(changed));
}
