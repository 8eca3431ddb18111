using Commerce.Choreography.Inventory;

namespace Commerce.Choreography.Orders;

/// <summary>How much of a product can be promised, as the inventory told last: what an older message
/// says is passed over.</summary>
[Stream("availability")]
public sealed partial class Availability : Aggregate<ProductId>
{
    private int _change;

    public void Note(ProductStockChanged changed)
    {
        if (changed.Change > _change)
            Raise(changed);
    }

    private void When(ProductStockChanged changed) => _change = changed.Change;
}
