using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Fulfilments;
using Commerce.Inventory;
using Commerce.Orders;
using Commerce.Payments;
using Commerce.Shipping;
using Commerce.Statistics;

namespace Commerce.Access;

/// <summary>The roles of the shop and their rights. What no rule allows is denied.</summary>
public static class ShopRoles
{
    public const string Customer = "customer";
    public const string Clerk = "clerk";
    public const string Manager = "manager";
    public const string Auditor = "auditor";
    public const string Operator = "operator";

    /// <summary>The role of the payment service, whose messages are signed.</summary>
    public const string PaymentService = "payment-service";

    /// <summary>The roles that a person can have.</summary>
    public static IReadOnlyList<string> OfPeople { get; } = [Customer, Clerk, Manager, Auditor, Operator];

    /// <summary>Declares the roles.</summary>
    public static void Declare(AccessBuilder access) => access
        .Role(AccessBuilder.Anonymous, Visitor)
        .Role(AccessBuilder.Authenticated, Visitor)
        .Role(Customer, OfCustomer)
        .Role(Clerk, OfClerk)
        .Role(Manager, OfManager)
        .Role(Auditor, role => role
            .MayOperate("overview", "access", "audit", "erasures", "explanations", "reports", "retention"))
        .Role(Operator, OfOperator)
        .Role(PaymentService, role => role.MaySend<SettlePayment>());

    /// <summary>The public catalogue and figures, and the registration of a customer.</summary>
    private static void Visitor(RoleBuilder role) => role
        .MayAsk<ListProducts>().MayAsk<GetProduct>().MayView<ProductView>()
        .MayAsk<ListCategories>()
        .MayAsk<ListStock>().MayAsk<GetStock>().MayView<StockView>()
        .MayAsk<GetTotals>().MayView<SalesTotals>()
        .MayAsk<GetSales>().MayView<SalesFigures>(without: [nameof(SalesFigures.Buyer)])
        .MaySend<RegisterCustomer>();

    /// <summary>A customer's own orders and data.</summary>
    private static void OfCustomer(RoleBuilder role) => role
        .MaySend<ChangeCustomerEmail>(ownedBy: nameof(ChangeCustomerEmail.Customer))
        .MayAsk<GetCustomer>(ownedBy: nameof(GetCustomer.Customer))
        .MayView<CustomerView>(ownedBy: nameof(CustomerView.Id))
        .MaySend<CreateOrder>(ownedBy: nameof(CreateOrder.Customer))
        .MaySend<AddItem>(ownedBy: nameof(AddItem.Customer))
        .MaySend<RemoveItem>(ownedBy: nameof(RemoveItem.Customer))
        .MaySend<ChangeQuantity>(ownedBy: nameof(ChangeQuantity.Customer))
        .MaySend<CheckOut>(ownedBy: nameof(CheckOut.Customer))
        .MaySend<CancelOrder>(ownedBy: nameof(CancelOrder.Customer))
        .MayAsk<ListOrders>(ownedBy: nameof(ListOrders.Customer))
        .MayAsk<GetOrder>()
        .MayView<OrderView>(ownedBy: nameof(OrderView.Customer))
        .MayAsk<GetParcel>()
        .MayView<ParcelView>(ownedBy: nameof(ParcelView.Customer));

    /// <summary>Orders, payments at the counter and stock.</summary>
    private static void OfClerk(RoleBuilder role) => role
        .MaySend<CreateOrder>().MaySend<AddItem>().MaySend<RemoveItem>().MaySend<ChangeQuantity>()
        .MaySend<SubmitOrder>().MaySend<CheckOut>().MaySend<CancelOrder>().MaySend<FailOrder>()
        .MaySend<StartProcessing>().MaySend<ShipOrder>().MaySend<DeliverOrder>().MaySend<ReturnItems>()
        .MaySend<PayOrder>().MaySend<RefusePayment>()
        .MaySend<AddStock>().MaySend<RemoveStock>().MaySend<ReserveStock>().MaySend<ReleaseStock>()
        .MaySend<CommitStock>()
        .MayAsk<ListOrders>().MayAsk<GetOrder>().MayView<OrderView>()
        .MayAsk<GetParcel>().MayView<ParcelView>()
        .MayAsk<GetPayment>().MayView<PaymentView>()
        .MayAsk<GetFulfilments>()
        .MayAsk<GetCustomer>().MayAsk<ListCustomers>()
        .MayView<CustomerView>(masking: [nameof(CustomerView.Email)])
        .MayRead("order")
        .MayOperate("overview", "personal-data"); // The address of an order is only in its events.

    /// <summary>Products and prices, reports, erasures and the right to appoint clerks.</summary>
    private static void OfManager(RoleBuilder role) => role
        .Includes(Clerk)
        .MaySend<CreateProduct>().MaySend<UpdatePrice>().MaySend<CategoriseProduct>()
        .MaySend<SetProductAttribute>().MaySend<ActivateProduct>().MaySend<DiscontinueProduct>()
        .MaySend<ChangeCustomerEmail>().MaySend<CloseCustomer>()
        .MayView<CustomerView>()
        .MayView<SalesFigures>()
        .MayOperate("explanations", "erasures", "erasures.decide", "access", "access.decide")
        .MayOperate("retention", "retention.decide", "reports", "reports.decide")
        .MayOperate("dead-letters", "dead-letters.decide") // Editing an event needs its personal data.
        .MayGrant("role clerk");

    /// <summary>All operator routes, except for erasures and rights. Personal data is hidden in them.</summary>
    private static void OfOperator(RoleBuilder role)
    {
        foreach (var action in (string[])
            ["dead-letters", "projections", "consumers", "transports", "timers", "schedules", "processes", "logs",
            "alerts", "kpis"])
            role.MayOperate(action, $"{action}.decide");
        role.MayOperate("overview", "explanations", "settings", "metrics").May("read *");
    }
}
