using Commerce.Orders;

namespace Commerce.Fulfilments;

/// <summary>Checks that the order is placed and belongs to this process.</summary>
public sealed record ValidateOrder(FulfilmentId Fulfilment) : ICommand;

/// <summary>Ends an order that cannot be fulfilled, for the reason in the log of its process.</summary>
public sealed record GiveUpOrder(FulfilmentId Fulfilment) : ICommand;

/// <summary>Reserves the stock for all lines of an order, or for none.</summary>
public sealed record ReserveOrderStock(FulfilmentId Fulfilment) : ICommand;

/// <summary>Releases the stock that was reserved for an order.</summary>
public sealed record ReleaseOrderStock(FulfilmentId Fulfilment) : ICommand;

/// <summary>Requests the price of an order from the payment service.</summary>
public sealed record RequestPayment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Refunds the payment, or cancels the request for it.</summary>
public sealed record RefundPayment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Records the answer of the payment service. The order is then paid, or it cannot be fulfilled.</summary>
public sealed record ConfirmPayment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Removes the reserved stock from the warehouse; the order is packed.</summary>
public sealed record CommitOrderStock(FulfilmentId Fulfilment) : ICommand;

/// <summary>Returns packed stock to the warehouse.</summary>
public sealed record ReturnOrderStock(FulfilmentId Fulfilment) : ICommand;

/// <summary>Books a shipment with the carrier.</summary>
public sealed record CreateShipment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Cancels the shipment.</summary>
public sealed record CancelShipment(FulfilmentId Fulfilment) : ICommand;

/// <summary>Records that the carrier has the parcel.</summary>
public sealed record ShipCheckedOutOrder(FulfilmentId Fulfilment) : ICommand;

/// <summary>Sends a mail to the customer: the order was shipped.</summary>
public sealed record MailConfirmation(FulfilmentId Fulfilment) : ICommand;

/// <summary>Sends a mail to the customer: the order has arrived.</summary>
public sealed record MailArrival(FulfilmentId Fulfilment) : ICommand;
