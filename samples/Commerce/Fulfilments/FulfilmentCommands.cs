using Commerce.Orders;

namespace Commerce.Fulfilments;

/// <summary>Sees that there is something to fulfil: the order is placed, and in this process.</summary>
public sealed record ValidateOrder(FulfilmentId Fulfilment) : ICommand;

/// <summary>Ends an order that cannot be fulfilled, as the log of its process says why.</summary>
public sealed record GiveUpOrder(FulfilmentId Fulfilment) : ICommand;

/// <summary>Keeps the stock for all lines of an order, or for none.</summary>
public sealed record ReserveOrderStock(FulfilmentId Fulfilment) : ICommand;

/// <summary>Gives back what was kept for an order.</summary>
public sealed record ReleaseOrderStock(FulfilmentId Fulfilment) : ICommand;

/// <summary>Asks the payment service for what an order costs.</summary>
public sealed record RequestPayment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Gives the money back, or calls off the request for it.</summary>
public sealed record RefundPayment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Takes the answer of the payment service over: the order is paid, or cannot be fulfilled.</summary>
public sealed record ConfirmPayment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Hands out what was kept: it leaves the shelves, and the order is packed.</summary>
public sealed record CommitOrderStock(FulfilmentId Fulfilment) : ICommand;

/// <summary>Puts back on the shelves what was handed out.</summary>
public sealed record ReturnOrderStock(FulfilmentId Fulfilment) : ICommand;

/// <summary>Agrees with the carrier on a parcel.</summary>
public sealed record CreateShipment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Calls the carrier off.</summary>
public sealed record CancelShipment(FulfilmentId Fulfilment) : ICommand;

/// <summary>The carrier has the parcel.</summary>
public sealed record ShipCheckedOutOrder(FulfilmentId Fulfilment) : ICommand;

/// <summary>Writes to the customer that the order is on its way.</summary>
public sealed record MailConfirmation(FulfilmentId Fulfilment) : ICommand;

/// <summary>Writes to the customer that the order has arrived.</summary>
public sealed record MailArrival(FulfilmentId Fulfilment) : ICommand;
