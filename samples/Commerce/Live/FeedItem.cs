using System.Globalization;
using System.Text.Json.Serialization;
using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Inventory;
using Commerce.Orders;
using Commerce.Payments;
using Commerce.SharedKernel;

namespace Commerce.Live;

/// <summary>An event as text for the live page.</summary>
/// <param name="Kind">The kind, which selects the colour: sale, back, order, stock, customer or product.</param>
/// <param name="Order">The number of the related order; otherwise null.</param>
public sealed record FeedItem(
    long Position, string Kind, string Text, string? Value, DateTimeOffset OccurredAt, string? Order = null)
{
    /// <summary>The customer in the text, and their name; null for none.</summary>
    [JsonIgnore]
    public (CustomerId Id, string Name)? Customer { get; init; }

    /// <summary>The remark that a person wrote about the event, which is at the end of the text; null for
    /// none.</summary>
    [JsonIgnore]
    public string? Remark { get; init; }

    /// <summary>The customer about whom the remark is; null if it is about no customer.</summary>
    [JsonIgnore]
    public CustomerId? RemarkAbout { get; init; }

    /// <summary>The event types that the page shows.</summary>
    public static IReadOnlyList<string> Types { get; } =
    [
        "sale.recorded", "order.submitted", "order.shipped", "order.delivered", "order.cancelled", "payment.failed",
        "customer.registered", "customer.closed", "product.created", "product.price-updated", "inventory.stock-added",
    ];

    /// <summary>Returns the item for an event, or null for an event that the page does not show.</summary>
    public static FeedItem? Of(RecordedEvent recorded)
    {
        FeedItem WithRemark(FeedItem item, string? remark) =>
            remark is null ? item : item with { Text = $"{item.Text}: {remark}", Remark = remark };
        FeedItem Item(string kind, string text, DateTimeOffset at, string? value = null, OrderId? order = null) =>
            new(recorded.Position, kind, text, value, at, order?.ToNumber());
        return recorded.Data switch
        {
            SaleRecorded sale => OfSale(recorded.Position, sale),
            OrderSubmitted order => Item(
                "order", $"{NumberOf(order.Order)} was placed", order.OccurredAt, Format(order.Total), order.Order),
            OrderShipped order => Item(
                "order",
                $"{NumberOf(order.Order)} is on its way as {order.TrackingCode}",
                order.OccurredAt,
                order: order.Order),
            OrderDelivered order => Item(
                "order", $"{NumberOf(order.Order)} has arrived", order.OccurredAt, order: order.Order),
            OrderCancelled order => WithRemark(
                Item("back", $"{NumberOf(order.Order)} was cancelled", order.OccurredAt, order: order.Order),
                order.Reason) with
            {
                RemarkAbout = order.Customer,
            },
            PaymentFailed payment => WithRemark(
                Item("back", $"{NumberOf(payment.Order)} was not paid", payment.OccurredAt, order: payment.Order),
                payment.ErrorMessage),
            CustomerRegistered customer => Item(
                "customer", $"{customer.Username} is a new customer", customer.OccurredAt) with
            {
                Customer = (customer.Customer, customer.Username.Value),
            },
            ProductCreated product => Item(
                "product", $"{product.Name} is new in the catalogue", product.OccurredAt, Format(product.Price)),
            ProductPriceUpdated price => Item(
                "product", $"{Format(price.OldPrice)} is now", price.OccurredAt, Format(price.NewPrice)),
            StockAdded { Quantity: 1 } stock => WithRemark(
                Item("stock", "1 piece came in", stock.OccurredAt), stock.Reason),
            StockAdded stock => WithRemark(
                Item("stock", $"{stock.Quantity} pieces came in", stock.OccurredAt), stock.Reason),
            _ => null,
        };
    }

    /// <summary>Returns the item for a user who may not see names, and not the remarks, which may contain
    /// names.</summary>
    public FeedItem WithoutName() => Customer is null ? WithoutRemark() : WithName("A customer");

    /// <summary>Returns the item without the name of a customer, and without a remark about the customer.</summary>
    public FeedItem WithoutName(CustomerId customer)
    {
        if (Customer?.Id == customer)
            return WithName(Erased.Text);
        return RemarkAbout == customer ? WithoutRemark() : this;
    }

    private FeedItem WithName(string name) => Customer is { } known
        ? this with { Text = Text.Replace(known.Name, name, StringComparison.Ordinal), Customer = null }
        : this;

    private FeedItem WithoutRemark() => Remark is { } remark
        ? this with { Text = Text[..^(remark.Length + 2)], Remark = null, RemarkAbout = null }
        : this;

    private static FeedItem OfSale(long position, SaleRecorded sale)
    {
        var (kind, text) = sale.Kind switch
        {
            SaleKind.Sale => ("sale", $"{sale.Buyer ?? "Somebody"} in {sale.Country} bought {Pieces(sale)}"),
            SaleKind.Cancellation => ("back", $"{sale.Buyer ?? "Somebody"} in {sale.Country} gave back {Pieces(sale)}"),
            SaleKind.WriteOff => ("back", $"Written off: {Pieces(sale)}"),
            _ => ("back", $"The books were put right: {sale.Lines[0].Name}"),
        };
        return new FeedItem(
            position, kind, text, Format(new Money(sale.NetValue(), sale.Currency)), sale.OccurredAt, sale.Number)
        {
            Customer = sale is { Customer: { } customer, Buyer: { } name } ? (customer, name) : null,
        };
    }

    private static string Pieces(SaleRecorded sale)
    {
        var goods = sale.Lines.Where(line => line.Sku != "D").ToList();
        var pieces = goods.Sum(line => Math.Abs((long)line.Quantity));
        return goods.Count == 1
            ? string.Create(CultureInfo.InvariantCulture, $"{pieces:N0} × {goods[0].Name.Trim()}")
            : string.Create(CultureInfo.InvariantCulture, $"{pieces:N0} pieces of {goods.Count:N0} articles");
    }

    private static string NumberOf(OrderId order) => $"Order {order.ToNumber()}";

    private static string Format(Money money) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{(money.IsNegative() ? "−" : "")}{(money.Currency == Money.Pounds ? "£" : money.Currency + " ")}"
                + $"{Math.Abs(money.Amount):N2}"
        );
}
