using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Payments;
using Commerce.Pricing;
using Commerce.SharedKernel;

namespace Commerce.Orders;

[Id<Guid>]
public readonly partial record struct OrderId
{
    /// <summary>Returns the id of an order with a number in the older books.</summary>
    public static OrderId OfNumber(string number) => new(NameBasedId.Of("order", number));

    /// <summary>Returns the order number that people see.</summary>
    public string ToNumber() => "W" + Value.ToString("N")[20..].ToUpperInvariant();
}

/// <summary>
/// An order, from the first item to the delivery. Its total is always the sum of its lines, and a cancelled order does
/// not change.
/// </summary>
[Stream("order")]
public sealed partial class Order : Aggregate<OrderId>
{
    /// <summary>The maximum number of pieces in an order, and of lines.</summary>
    public const int MaxPieces = 1_000_000, MaxLines = 1_000;

    private readonly List<OrderItem> _items = [];
    private readonly HashSet<(int Part, DateTimeOffset At)> _recorded = [];
    private string _number = "";
    private string _buyer = "";
    private bool _isTakenOver;
    private (OrderStatus Status, Money Total, int Items)? _end;
    private int _attempts;

    public CustomerId Customer { get; private set; }

    public IReadOnlyList<OrderItem> Items => _items;

    public OrderStatus Status { get; private set; }

    /// <summary>The payment; set only for a paid order.</summary>
    public PaymentId Payment { get; private set; }

    public Money Total { get; private set; } = Money.Zero();

    public Money Discount { get; private set; } = Money.Zero();

    /// <summary>The amount that the customer pays.</summary>
    public Money Due => Total - Discount;

    /// <summary>The country of delivery.</summary>
    public string Country { get; private set; } = "";

    /// <summary>The card that pays for the order; empty before the checkout.</summary>
    public string Card { get; private set; } = "";

    /// <summary>The process that fulfils the order; null when none does.</summary>
    public FulfilmentId? Fulfilment { get; private set; }

    /// <summary>The process that packed the goods, whatever its result.</summary>
    public FulfilmentId? PackedIn { get; private set; }

    /// <summary>The attempt that was last cancelled, with the reason and the user; null for none.</summary>
    public (FulfilmentId? Fulfilment, string Reason, string By)? Cancellation { get; private set; }

    public bool IsPaid =>
        Status is OrderStatus.Paid or OrderStatus.Processing or OrderStatus.Shipped or OrderStatus.Delivered;

    /// <summary>Returns the quantity of each product over all lines.</summary>
    public IEnumerable<(ProductId Product, int Quantity)> Quantities() =>
        _items.GroupBy(item => item.Product, (product, lines) => (product, lines.Sum(line => line.Quantity)));

    public void Create(string number, CustomerId customer, string buyer, Address address, DateTimeOffset at) =>
        Raise(new OrderCreated(Id, number, customer, buyer, address, at));

    /// <summary>Throws if the order belongs to another customer than a given one.</summary>
    public void RequireOwner(CustomerId? customer) =>
        Require(customer is null || customer == Customer, "own-order", "The order belongs to another customer.");

    /// <summary>Adds pieces of a product to the line with this price, or as a new line.</summary>
    public void AddItem(ProductId product, Sku sku, string name, int quantity, Money unitPrice, DateTimeOffset at)
    {
        RequireDraft("gain items");
        RequireRoomFor(quantity);
        Require(_items.Count < MaxLines, "order-within-bounds", $"An order has at most {MaxLines:N0} lines.");
        Require(unitPrice.IsPositive(), "invalid-price", "A price is more than zero.");
        Require(
            _items.Count == 0 || unitPrice.Currency == Total.Currency,
            "same-currency",
            $"The order is in {Total.Currency}.");
        Raise(new OrderItemAdded(Id, product, sku, name, quantity, unitPrice, at));
    }

    /// <summary>Removes all lines of a product from the order.</summary>
    public void RemoveItem(ProductId product, DateTimeOffset at)
    {
        RequireDraft("lose items");
        foreach (var item in LinesOf(product).ToArray())
            Raise(new OrderItemRemoved(Id, product, item.UnitPrice, at));
    }

    /// <summary>Changes the quantity of a product. If the product has several lines, changes the last line.</summary>
    public void ChangeQuantity(ProductId product, int quantity, DateTimeOffset at)
    {
        RequireDraft("change items");
        var item = LinesOf(product)[^1];
        RequireRoomFor(quantity, insteadOf: item.Quantity);
        if (item.Quantity != quantity)
            Raise(new OrderItemQuantityChanged(Id, product, item.UnitPrice, quantity, at));
    }

    /// <summary>Places the order, or places it again after a failed payment.</summary>
    public void Submit(PricingService pricing, DateTimeOffset customerSince, DateTimeOffset at)
    {
        RequireTransition(OrderStatus.Submitted, "be submitted");
        Require(_items.Count > 0, "order-not-empty", "An empty order cannot be submitted.");
        var quote = pricing.Price(Total, at - customerSince);
        Raise(new OrderSubmitted(Id, Customer, quote.Total, quote.Discount, Status, at));
    }

    /// <summary>Starts the fulfilment of a placed order, paid by a card.</summary>
    public void CheckOut(string card, DateTimeOffset at)
    {
        if (Status != OrderStatus.Submitted || Fulfilment is not null)
            throw WrongState("order-submitted", "be checked out");
        Raise(new OrderCheckedOut(Id, FulfilmentId.Of(Id, _attempts + 1), card, at, Customer));
    }

    /// <summary>Throws when a process is fulfilling the order, so that it cannot be changed manually.</summary>
    public void RequireByHand(string action)
    {
        if (Fulfilment is not null)
            throw WrongState("not-in-fulfilment", action + " by hand");
    }

    /// <summary>Throws when the order no longer belongs to the process, or when the step comes at the wrong
    /// time.</summary>
    public void RequireIn(FulfilmentId fulfilment, params ReadOnlySpan<OrderStatus> states)
    {
        if (Fulfilment != fulfilment || !states.Contains(Status))
            throw WrongState("in-fulfilment", "be fulfilled further");
    }

    /// <summary>
    /// Returns true when an attempt to fulfil the order failed. Another attempt is running, or no attempt is running
    /// although this attempt did not deliver the order.
    /// </summary>
    public bool HasGivenUp(FulfilmentId fulfilment) =>
        Fulfilment != fulfilment && !(Status == OrderStatus.Delivered && PackedIn == fulfilment);

    public void MarkPaid(PaymentId payment, string transactionId, DateTimeOffset at)
    {
        RequireTransition(OrderStatus.Paid, "be paid");
        Raise(new OrderPaid(Id, payment, transactionId, at));
        Raise(Sale(SaleKind.Sale, SaleLines(+1), at));
    }

    public void MarkPaymentFailed(string error, DateTimeOffset at)
    {
        RequireTransition(OrderStatus.PaymentFailed, "fail to be paid");
        Raise(new OrderPaymentFailed(Id, error, at, Customer));
    }

    public void StartProcessing(DateTimeOffset at)
    {
        RequirePayment("be processed");
        RequireTransition(OrderStatus.Processing, "be processed");
        Raise(new OrderProcessingStarted(Id, at));
    }

    public void Ship(string trackingCode, DateTimeOffset at)
    {
        RequirePayment("be shipped");
        Require(
            !string.IsNullOrWhiteSpace(trackingCode), "shipment-has-tracking-code", "A shipment has a tracking code.");
        if (Status is OrderStatus.Shipped or OrderStatus.Delivered)
            throw WrongState("already-shipped", "be shipped again");
        RequireTransition(OrderStatus.Shipped, "be shipped");
        Raise(new OrderShipped(Id, trackingCode, at));
    }

    public void Deliver(DateTimeOffset at)
    {
        RequireTransition(OrderStatus.Delivered, "be delivered");
        Raise(new OrderDelivered(Id, at));
    }

    /// <summary>Records why the current attempt to fulfil the order is undone.</summary>
    public void RequestCancellation(string reason, string by, DateTimeOffset at) =>
        Raise(new OrderCancellationRequested(Id, Customer, reason, by, at, Fulfilment));

    /// <summary>Returns whether the order was cancelled because a process was undone by this request.</summary>
    public bool IsCancelledBy(string reason, string by) => Status == OrderStatus.Cancelled
        && Cancellation is { } requested && (requested.Reason, requested.By) == (reason, by);

    /// <summary>Cancels the order before it is shipped. If it was paid, the sale is reversed.</summary>
    public void Cancel(string reason, string by, DateTimeOffset at)
    {
        Require(!string.IsNullOrWhiteSpace(reason), "cancellation-has-reason", "A cancellation needs a reason.");
        RequireTransition(OrderStatus.Cancelled, "be cancelled");
        if (IsPaid)
            Raise(Sale(SaleKind.Cancellation, SaleLines(-1), at));
        Raise(new OrderCancelled(Id, reason, by, Status, at, Customer));
    }

    /// <summary>Fails an order that the shop cannot deliver, because there is no stock.</summary>
    public void Fail(string reason, DateTimeOffset at)
    {
        RequireTransition(OrderStatus.Failed, "fail");
        Raise(new OrderFailed(Id, reason, at, Customer));
    }

    /// <summary>Takes back delivered goods, at most what was bought and not yet returned of each line.</summary>
    /// <returns>The amount that the customer gets back.</returns>
    public Money Return(IReadOnlyList<ReturnedItem> items, string reason, DateTimeOffset at)
    {
        if (Status != OrderStatus.Delivered)
            throw WrongState("order-delivered", "take goods back");
        Require(items.Count > 0, "return-not-empty", "A return has at least one item.");
        Require(items.Count <= MaxLines, "return-within-bounds", $"A return has at most {MaxLines:N0} items.");
        var lines = items.Select(Returned).ToList();
        if (!Discount.IsZero())
            lines.Add(new SaleLine("D", "Discount", 1, DiscountOn(-lines.Sum(line => line.Value()))));
        Raise(new OrderItemsReturned(Id, items, reason, at, Customer));
        Raise(Sale(SaleKind.Cancellation, lines, at));
        return new Money(-lines.Sum(line => line.Value()), Total.Currency);
    }

    /// <summary>
    /// Takes over a record of older books unchanged, with all its lines at once. A record that was continued a minute
    /// later arrives in parts. A repeated part changes nothing, so an import can be repeated.
    /// </summary>
    public void TakeOver(SaleRecord record, DateTimeOffset at)
    {
        Require(Version == 0 || _isTakenOver, "order-from-older-books", "An order of this shop cannot be taken over.");
        Require(record.Lines.Count > 0, "sale-not-empty", "A sale has at least one line.");
        if (!_recorded.Contains((record.Part, at)))
        {
            var (number, kind, customer, buyer, country, lines, part) = record;
            Raise(new SaleRecorded(Id, number, kind, customer, buyer, country, Money.Pounds, lines, part, at));
        }
    }

    protected override void CheckInvariants()
    {
        var isUnchanged = _end is null || _end == (Status, Total, _items.Count);
        Require(isUnchanged, "unchanged-after-cancellation", "Nothing changes once an order has ended.");
        var sum = _items.Sum(item => item.Subtotal().Amount);
        Require(Total.Amount == sum, "total-is-sum-of-lines", "The total is not the sum of the lines.");
        Require(!Due.IsNegative(), "discount-within-total", "A discount is never more than the total.");
        var isBought = _items.TrueForAll(item => item.Returned <= item.Quantity);
        Require(isBought, "return-within-bought", "More cannot come back than was bought.");
    }

    private void RequireRoomFor(int quantity, int insteadOf = 0)
    {
        Require(quantity > 0, "quantity-positive", "A quantity is more than zero.");
        var others = _items.Sum(item => item.Quantity) - insteadOf;
        Require(quantity <= MaxPieces - others, "order-within-bounds", $"An order has at most {MaxPieces:N0} pieces.");
    }

    private List<OrderItem> LinesOf(ProductId product)
    {
        var lines = _items.FindAll(item => item.Product == product);
        Require(lines.Count > 0, "item-in-order", "The product is not in the order.");
        return lines;
    }

    private SaleLine Returned(ReturnedItem returned)
    {
        var item = _items.Find(item => item.Is(returned.Product, returned.UnitPrice));
        Require(item is not null, "item-in-order", "The product is not in the order at this price.");
        Require(returned.Quantity > 0, "quantity-positive", "A quantity is more than zero.");
        Require(
            returned.Quantity <= item.Quantity - item.Returned,
            "return-within-bought",
            "More cannot come back than was bought.");
        return new SaleLine(item.Sku.Value, item.ProductName, -returned.Quantity, item.UnitPrice.Amount);
    }

    /// <summary>Returns the share of the discount on some of the goods, rounded so that the refund never exceeds the
    /// payment.</summary>
    private decimal DiscountOn(decimal value) =>
        decimal.Round(Discount.Amount * value / Total.Amount, 2, MidpointRounding.ToPositiveInfinity);

    private List<SaleLine> SaleLines(int sign)
    {
        var lines = _items.ConvertAll(item => new SaleLine(
            item.Sku.Value, item.ProductName, sign * item.Quantity, item.UnitPrice.Amount));
        if (!Discount.IsZero())
            lines.Add(new SaleLine("D", "Discount", -sign, Discount.Amount));
        return lines;
    }

    private SaleRecorded Sale(SaleKind kind, IReadOnlyList<SaleLine> lines, DateTimeOffset at) =>
        new(Id, _number, kind, Customer, _buyer, Country, Total.Currency, lines, _recorded.Count + 1, at);

    private void RequireDraft(string action)
    {
        if (Status != OrderStatus.Draft)
            throw WrongState("order-draft", action);
    }

    private void RequirePayment(string action)
    {
        if (Status is OrderStatus.Draft or OrderStatus.Submitted or OrderStatus.PaymentFailed)
            throw WrongState("payment-required", action);
    }

    private void RequireTransition(OrderStatus to, string action)
    {
        if (_isTakenOver || !OrderTransitions.Allows(Status, to))
            throw WrongState("invalid-transition", action);
    }

    private WrongStateException WrongState(string invariant, string action) =>
        new(nameof(Order), invariant, Status.ToString(), action);

    private void When(OrderCreated created) =>
        (Customer, _number, _buyer, Country) = (
            created.Customer, created.Number, created.Buyer, created.Address?.Country ?? Erased.Text);

    private void When(OrderItemAdded added)
    {
        var line = _items.FindIndex(item => item.Is(added.Product, added.UnitPrice));
        if (line >= 0)
            _items[line] = _items[line] with { Quantity = _items[line].Quantity + added.Quantity };
        else
            _items.Add(new OrderItem(added.Product, added.Sku, added.ProductName, added.Quantity, added.UnitPrice));
        var before = _items.Count == 1 && Total.IsZero() ? Money.Zero(added.UnitPrice.Currency) : Total;
        Total = before + added.UnitPrice.Times(added.Quantity);
    }

    private void When(OrderItemRemoved removed)
    {
        var line = _items.FindIndex(item => item.Is(removed.Product, removed.UnitPrice));
        Total -= _items[line].Subtotal();
        _items.RemoveAt(line);
    }

    private void When(OrderItemQuantityChanged changed)
    {
        var line = _items.FindIndex(item => item.Is(changed.Product, changed.UnitPrice));
        Total += changed.UnitPrice.Times(changed.Quantity - _items[line].Quantity);
        _items[line] = _items[line] with { Quantity = changed.Quantity };
    }

    private void When(OrderSubmitted submitted) => (Status, Discount) = (OrderStatus.Submitted, submitted.Discount);

    private void When(OrderCheckedOut checkedOut)
    {
        (Fulfilment, Card) = (checkedOut.Fulfilment, checkedOut.Card ?? Erased.Text);
        _attempts++;
    }

    private void When(OrderPaid paid) => (Status, Payment) = (OrderStatus.Paid, paid.Payment);

    private void When(OrderPaymentFailed failed) => (Status, Fulfilment) = (OrderStatus.PaymentFailed, null);

    private void When(OrderProcessingStarted started) => (Status, PackedIn) = (OrderStatus.Processing, Fulfilment);

    private void When(OrderShipped shipped) => Status = OrderStatus.Shipped;

    private void When(OrderDelivered delivered) => (Status, Fulfilment) = (OrderStatus.Delivered, null);

    private void When(OrderCancellationRequested requested) =>
        Cancellation = (requested.Fulfilment ?? Fulfilment, requested.Reason, requested.CancelledBy);

    private void When(OrderCancelled cancelled) => End(OrderStatus.Cancelled);

    private void When(OrderFailed failed) => End(OrderStatus.Failed);

    private void When(OrderItemsReturned returned)
    {
        foreach (var returnedItem in returned.Items)
        {
            var line = _items.FindIndex(item => item.Is(returnedItem.Product, returnedItem.UnitPrice));
            _items[line] = _items[line] with { Returned = _items[line].Returned + returnedItem.Quantity };
        }
    }

    private void When(SaleRecorded sale)
    {
        _recorded.Add((sale.Part, sale.OccurredAt));
        Country = sale.Country; // The books keep it after an erasure of the address, for example for a return.
        if (_number.Length > 0)
            return;
        _isTakenOver = true;
        Customer = sale.Customer ?? default;
        Status = sale.Kind == SaleKind.Cancellation ? OrderStatus.Cancelled : OrderStatus.Delivered;
    }

    private void End(OrderStatus status)
    {
        (Status, Fulfilment) = (status, null);
        _end = (status, Total, _items.Count);
    }
}
