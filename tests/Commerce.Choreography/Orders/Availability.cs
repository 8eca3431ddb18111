using Commerce.Choreography.Inventory;

namespace Commerce.Choreography.Orders;

/// <summary>
/// The available quantity of a product, as the inventory service last reported it. Older messages have no effect.
/// </summary>
[Stream("availability")]
public sealed partial class Availability : Aggregate<ProductId>
{
    private int _change;

    public void Update(ProductStockChanged changed)
    {
        if (changed.Change > _change)
            Raise(changed);
    }

    private void When(ProductStockChanged changed) => _change = changed.Change;
}
