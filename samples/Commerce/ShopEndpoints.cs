using Commerce.Access;
using Commerce.Catalogue;
using Commerce.Customers;
using Commerce.Fulfilments;
using Commerce.Inventory;
using Commerce.Orders;
using Commerce.Payments;
using Commerce.Services;
using Commerce.Services.Discovery;
using Commerce.SharedKernel;
using Commerce.Shipping;
using Commerce.Statistics;
using Millrace.AspNetCore;

namespace Commerce;

/// <summary>
/// The HTTP API: maps routes to commands and queries, which are read from bodies, query strings and routes. Errors
/// become ProblemDetails: 400 for invalid input, 404, 409 for the wrong state or a conflict, 422 for a broken rule.
/// </summary>
public static class ShopEndpoints
{
    /// <summary>Maps all endpoints; in the order service, those about stock are forwarded to the inventory
    /// service.</summary>
    public static void MapShop(this IEndpointRouteBuilder routes, ShopRole role)
    {
        MapCatalogue(routes);
        MapOrders(routes);
        routes.MapCommand<AddStock>("/api/inventory");
        if (role == ShopRole.Orders)
            routes.MapInventoryGateway();
        else
            routes.MapStock();
        routes.MapCommand<RegisterCustomer>("/api/customers", options =>
        {
            options.Complete = (command, http) => command with { Customer = new CustomerId(NewId("customer", http)) };
            options.Location = (command, _) => $"/api/customers/{command.Customer}";
        });
        routes.MapQuery<ListCustomers>("/api/customers");
        routes.MapQuery<GetCustomer>("/api/customers/{customer}");
        routes.MapPutCommand<ChangeCustomerEmail>("/api/customers/{customer}/email");
        routes.MapQuery<GetTotals>("/api/statistics");
        routes.MapQuery<GetSales>("/api/statistics/{by}");
    }

    private static void MapCatalogue(IEndpointRouteBuilder routes)
    {
        routes.MapQuery<ListProducts>("/api/products");
        routes.MapQuery<GetProduct>("/api/products/{product}");
        routes.MapQuery<ListCategories>("/api/categories");
        routes.MapCommand<CreateProduct>("/api/products", options =>
        {
            options.Complete = (command, http) => command with { Product = new ProductId(NewId("product", http)) };
            options.Location = (command, _) => $"/api/products/{command.Product}";
        });
        routes.MapPutCommand<UpdatePrice>("/api/products/{product}/price");
        routes.MapPutCommand<CategoriseProduct>("/api/products/{product}/category");
        routes.MapPutCommand<SetProductAttribute>("/api/products/{product}/attributes/{attribute}");
        routes.MapCommand<ActivateProduct>("/api/products/{product}/activate");
        routes.MapCommand<DiscontinueProduct>("/api/products/{product}/discontinue");
    }

    private static void MapOrders(IEndpointRouteBuilder routes)
    {
        routes.MapQuery<ListOrders>("/api/orders");
        routes.MapQuery<GetOrder>("/api/orders/{order}");
        routes.MapQuery<GetParcel>("/api/orders/{order}/parcel");
        routes.MapCommand<CreateOrder>("/api/orders", options =>
        {
            options.Complete = (command, http) => command with { Order = new OrderId(NewId("order", http)) };
            options.Location = (command, _) => $"/api/orders/{command.Order}";
        });
        routes.MapCommand<AddItem>("/api/orders/{order}/items", options => options.Complete =
            (command, http) => command with { Customer = OwnerOf(command.Customer, http) });
        routes.MapCommand<ChangeQuantity>("/api/orders/{order}/items/{product}", options =>
        {
            options.Method = HttpMethods.Put;
            options.Complete = (command, http) =>
                command with { Customer = OwnerOf(command.Customer, http) };
        });
        routes.MapCommand<RemoveItem>("/api/orders/{order}/items/{product}", options =>
        {
            options.Method = HttpMethods.Delete;
            options.Complete = (command, http) =>
                command with { Customer = OwnerOf(command.Customer, http) };
        });
        routes.MapCommand<SubmitOrder>("/api/orders/{order}/submit");
        routes.MapCommand<CheckOut>("/api/orders/{order}/checkout", options => options.Complete =
            (command, http) => command with { Customer = OwnerOf(command.Customer, http) });
        routes.MapQuery<GetFulfilments>("/api/orders/{order}/fulfilment");
        routes.MapCommand<CancelOrder>("/api/orders/{order}/cancel", options => options.Complete =
            (command, http) => DemoSession.CustomerOf(http) is { } customer
                ? command with { Customer = command.Customer ?? customer, CancelledBy = ShopRoles.Customer }
                : command);
        routes.MapCommand<StartProcessing>("/api/orders/{order}/process");
        routes.MapCommand<ShipOrder>("/api/orders/{order}/ship");
        routes.MapCommand<DeliverOrder>("/api/orders/{order}/deliver");
        routes.MapCommand<ReturnItems>("/api/orders/{order}/returns");
        routes.MapCommand<PayOrder>("/api/payments", options =>
        {
            options.Complete = (command, http) => command with { Payment = new PaymentId(NewId("payment", http)) };
            options.Location = (command, _) => $"/api/payments/{command.Payment}";
        });
        routes.MapCommand<RefusePayment>(
            "/api/payments/refused", options => options.Complete = (command, http) => command with
            {
                Payment = new PaymentId(NewId("payment-refused", http)),
            });
        routes.MapQuery<GetPayment>("/api/payments/{payment}");
    }

    /// <summary>Returns the customer for whom a command is sent: the given one, or the signed-in customer.</summary>
    private static CustomerId? OwnerOf(CustomerId? given, HttpContext http) => given ?? DemoSession.CustomerOf(http);

    /// <summary>Returns an id that is the same for repeated requests with the same key, so that a repetition is the
    /// same command.</summary>
    private static Guid NewId(string kind, HttpContext http) =>
        http.Request.Headers[MillraceHeaders.IdempotencyKey].ToString() is { Length: > 0 and <= 100 } key
            ? NameBasedId.Of("new-" + kind, key)
            : OrderId.New().Value;

    /// <summary>Maps the endpoints about stock.</summary>
    public static void MapStock(this IEndpointRouteBuilder routes)
    {
        routes.MapQuery<ListStock>("/api/inventory");
        routes.MapQuery<GetStock>("/api/inventory/{item}");
        routes.MapCommand<RemoveStock>("/api/inventory/remove");
        routes.MapCommand<ReserveStock>("/api/inventory/{item}/reserve");
        routes.MapCommand<ReleaseStock>("/api/inventory/{item}/release");
        routes.MapCommand<CommitStock>("/api/inventory/{item}/commit");
    }
}
