using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>Begins an order, with its first items or without.</summary>
/// <param name="Customer">Until there is a login, the customer is named here.</param>
/// <param name="Order">The new order's id, given by whoever sends the command.</param>
public sealed record CreateOrder(
    CustomerId Customer,
    Address Address,
    IReadOnlyList<WantedItem>? Items = null,
    OrderId Order = default) : ICommand<OrderAnswer>;

/// <summary>So many pieces of a product.</summary>
public sealed record WantedItem(ProductId Product, int Quantity);

public sealed record AddItem(OrderId Order, ProductId Product, int Quantity) : ICommand<OrderAnswer>;

public sealed record RemoveItem(OrderId Order, ProductId Product) : ICommand<OrderAnswer>;

public sealed record ChangeQuantity(OrderId Order, ProductId Product, int Quantity) : ICommand<OrderAnswer>;

/// <summary>Places an order: it gets its price, and stock is reserved for all of its lines or for none.</summary>
public sealed record SubmitOrder(OrderId Order) : ICommand<OrderAnswer>;

/// <summary>
/// Places an order and has the shop do all that follows, from the stock to
/// the mail: see <see cref="Fulfilments.Fulfilment"/>.
/// </summary>
/// <param name="Card">The name under which the payment service knows the card.</param>
public sealed record CheckOut(OrderId Order, string Card) : ICommand<OrderAnswer>;

public sealed record StartProcessing(OrderId Order) : ICommand<OrderAnswer>;

public sealed record ShipOrder(OrderId Order, string TrackingCode) : ICommand<OrderAnswer>;

public sealed record DeliverOrder(OrderId Order) : ICommand<OrderAnswer>;

/// <summary>Gives an order up: what was reserved is released, what was paid is paid back.</summary>
public sealed record CancelOrder(OrderId Order, string Reason, string CancelledBy = "customer") : ICommand<OrderAnswer>;

public sealed record FailOrder(OrderId Order, string Reason) : ICommand<OrderAnswer>;

/// <summary>Takes delivered goods back: into the warehouse, and the money to the customer.</summary>
public sealed record ReturnItems(OrderId Order, IReadOnlyList<ReturnedItem> Items, string Reason) : ICommand<Refund>;

/// <summary>How an order stands after a command.</summary>
/// <param name="Due">What the customer pays: the total less the discount.</param>
public sealed record OrderAnswer(
    OrderId OrderId, string Number, OrderStatus Status, decimal Total, decimal Discount, decimal Due, string Message)
{
    public static OrderAnswer Of(Order order, string message) =>
        new(
            order.Id,
            order.Id.ToNumber(),
            order.Status,
            order.Total.Amount,
            order.Discount.Amount,
            order.Due.Amount,
            message);
}

/// <summary>What the customer gets back.</summary>
public sealed record Refund(OrderId OrderId, Money Amount);
