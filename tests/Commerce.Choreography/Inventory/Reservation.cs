namespace Commerce.Choreography.Inventory;

/// <summary>
/// The reserved stock of an order. A reservation contains all lines or none. Repeated requests and requests in another
/// order have no further effect. A reservation that is released before its request is never made.
/// </summary>
[Stream("reservation")]
public sealed partial class Reservation : Aggregate<OrderId>
{
    private IReadOnlyList<OrderLine> _lines = [];
    private bool _isEnded;

    /// <summary>Gets whether the reservation was neither requested nor released.</summary>
    public bool IsNew => !_isEnded && _lines.Count == 0;

    /// <summary>Gets the products with reserved stock.</summary>
    private IReadOnlyList<ProductId> ReservedProducts =>
        _isEnded ? [] : [.. _lines.Select(line => line.Product).Distinct()];

    public void Make(IReadOnlyList<OrderLine> lines) => Raise(new ReservationMade(Id, lines));

    public void Refuse(string reason) => Raise(new InventoryReservationFailed(Id, reason));

    /// <summary>Releases the reservation, and returns the products whose stock the caller must release.</summary>
    public IReadOnlyList<ProductId> Release()
    {
        var products = ReservedProducts;
        if (!_isEnded)
            Raise(new ReservationReleased(Id));
        return products;
    }

    /// <summary>Commits the reservation, and returns the products whose stock the caller must remove.</summary>
    public IReadOnlyList<ProductId> Commit()
    {
        Require(_lines.Count > 0, "reservation-made", "Nothing is reserved for the order.");
        var products = ReservedProducts;
        if (products.Count > 0)
            Raise(new ReservationCommitted(Id));
        return products;
    }

    private void When(ReservationMade made) => _lines = made.Lines;

    private void When(InventoryReservationFailed failed) => _isEnded = true;

    private void When(ReservationReleased released) => _isEnded = true;

    private void When(ReservationCommitted committed) => _isEnded = true;
}
