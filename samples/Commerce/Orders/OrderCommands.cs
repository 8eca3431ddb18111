using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>Creates an order, with or without items.</summary>
/// <param name="Customer">The customer. A user with the role customer is this customer.</param>
/// <param name="Order">The id of the new order, given by the sender of the command.</param>
public sealed record CreateOrder(
    CustomerId Customer,
    [property: PersonalData(Subject = nameof(CreateOrder.Customer))] Address Address,
    IReadOnlyList<WantedItem>? Items = null,
    OrderId Order = default) : ICommand<OrderAnswer>;

/// <summary>A quantity of a product.</summary>
public sealed record WantedItem(ProductId Product, int Quantity);

/// <summary>Adds pieces of a product.</summary>
/// <param name="Customer">The customer who must own the order; null if a clerk changes it.</param>
public sealed record AddItem(OrderId Order, ProductId Product, int Quantity, CustomerId? Customer = null)
    : ICommand<OrderAnswer>;

/// <summary>Removes a product.</summary>
/// <param name="Customer">The customer who must own the order; null if a clerk changes it.</param>
public sealed record RemoveItem(OrderId Order, ProductId Product, CustomerId? Customer = null)
    : ICommand<OrderAnswer>;

/// <summary>Sets the quantity of a product.</summary>
/// <param name="Customer">The customer who must own the order; null if a clerk changes it.</param>
public sealed record ChangeQuantity(
    OrderId Order, ProductId Product, int Quantity, CustomerId? Customer = null) : ICommand<OrderAnswer>;

/// <summary>Places an order: calculates its price and reserves stock for all of its lines or for none.</summary>
public sealed record SubmitOrder(OrderId Order) : ICommand<OrderAnswer>;

/// <summary>
/// Places an order and starts the process that fulfils it: see <see cref="Fulfilments.Fulfilment"/>.
/// </summary>
/// <param name="Card">The name of the card at the payment service.</param>
/// <param name="Customer">The customer who must own the order; null if a clerk changes it.</param>
public sealed record CheckOut(OrderId Order, string Card, CustomerId? Customer = null) : ICommand<OrderAnswer>;

public sealed record StartProcessing(OrderId Order) : ICommand<OrderAnswer>;

public sealed record ShipOrder(OrderId Order, string TrackingCode) : ICommand<OrderAnswer>;

public sealed record DeliverOrder(OrderId Order) : ICommand<OrderAnswer>;

/// <summary>Cancels an order, releases its reserved stock, and refunds its payment.</summary>
/// <param name="Customer">The customer who must own the order; null if a clerk changes it.</param>
public sealed record CancelOrder(
    OrderId Order, string Reason, string CancelledBy = "customer", CustomerId? Customer = null)
    : ICommand<OrderAnswer>;

public sealed record FailOrder(OrderId Order, string Reason) : ICommand<OrderAnswer>;

/// <summary>Returns delivered goods to the warehouse and refunds the customer.</summary>
public sealed record ReturnItems(OrderId Order, IReadOnlyList<ReturnedItem> Items, string Reason) : ICommand<Refund>;

/// <summary>The state of an order after a command.</summary>
/// <param name="Due">The amount that the customer pays: the total minus the discount.</param>
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

/// <summary>The amount that the customer gets back.</summary>
public sealed record Refund(OrderId OrderId, Money Amount);
