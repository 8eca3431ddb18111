namespace Commerce.Choreography.Inventory;

/// <summary>
/// What is kept for an order: all of it or nothing, and once, however often and in whichever order it is asked for. One
/// that is called off before it was made is never made.
/// </summary>
[Stream("reservation")]
public sealed partial class Reservation : Aggregate<OrderId>
{
    private IReadOnlyList<OrderLine> _lines = [];
    private bool _isEnded;

    /// <summary>True when it was neither requested nor cancelled.</summary>
    public bool IsNew => !_isEnded && _lines.Count == 0;

    /// <summary>The products of which something is kept.</summary>
    private IReadOnlyList<ProductId> Kept => _isEnded ? [] : [.. _lines.Select(line => line.Product).Distinct()];

    public void Make(IReadOnlyList<OrderLine> lines) => Raise(new ReservationMade(Id, lines));

    public void Refuse(string reason) => Raise(new InventoryReservationFailed(Id, reason));

    /// <summary>Calls it off. Returns the products of which something is to be given back.</summary>
    public IReadOnlyList<ProductId> Release()
    {
        var kept = Kept;
        if (!_isEnded)
            Raise(new ReservationReleased(Id));
        return kept;
    }

    /// <summary>Hands it out. Returns the products of which something is to be handed out.</summary>
    public IReadOnlyList<ProductId> Commit()
    {
        Require(_lines.Count > 0, "reservation-made", "Nothing is reserved for the order.");
        var kept = Kept;
        if (kept.Count > 0)
            Raise(new ReservationCommitted(Id));
        return kept;
    }

    private void When(ReservationMade made) => _lines = made.Lines;

    private void When(InventoryReservationFailed failed) => _isEnded = true;

    private void When(ReservationReleased released) => _isEnded = true;

    private void When(ReservationCommitted committed) => _isEnded = true;
}
