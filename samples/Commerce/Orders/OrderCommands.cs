using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.SharedKernel;

namespace Commerce.Orders;

/// <summary>Begins an order, with its first items or without.</summary>
public sealed record CreateOrder(OrderId Order, CustomerId Customer, Address Address, IReadOnlyList<WantedItem> Items) : ICommand;

/// <summary>So many pieces of a product.</summary>
public sealed record WantedItem(ProductId Product, int Quantity);

public sealed record AddItem(OrderId Order, ProductId Product, int Quantity) : ICommand;

public sealed record RemoveItem(OrderId Order, ProductId Product) : ICommand;

public sealed record ChangeQuantity(OrderId Order, ProductId Product, int Quantity) : ICommand;

/// <summary>Places an order: it gets its price, and stock is reserved for all of its lines or for none.</summary>
public sealed record SubmitOrder(OrderId Order) : ICommand<OrderPrice>;

/// <summary>What an order costs.</summary>
public sealed record OrderPrice(Money Total, Money Discount, Money Due);

public sealed record StartProcessing(OrderId Order) : ICommand;

public sealed record ShipOrder(OrderId Order, string TrackingCode) : ICommand;

public sealed record DeliverOrder(OrderId Order) : ICommand;

/// <summary>Gives an order up: what was reserved is released, what was paid is paid back.</summary>
public sealed record CancelOrder(OrderId Order, string Reason, string CancelledBy) : ICommand;

public sealed record FailOrder(OrderId Order, string Reason) : ICommand;

/// <summary>Takes delivered goods back: into the warehouse, and the money to the customer.</summary>
public sealed record ReturnItems(OrderId Order, IReadOnlyList<ReturnedItem> Items, string Reason) : ICommand<Money>;
