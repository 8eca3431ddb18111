using System.Text.RegularExpressions;
using Commerce.Customers;
using Commerce.SharedKernel;
using Millrace.Storage;

namespace Commerce.Orders;

/// <summary>Gets an order by its id or by its number: <c>536365</c>, <c>C536379</c>, <c>W0123456789AB</c>.</summary>
public sealed record GetOrder(string Order) : IQuery<OrderView?>;

/// <summary>Lists orders by customer, number or status; the newest first.</summary>
public sealed record ListOrders(
    CustomerId? Customer = null,
    string? Number = null,
    OrderStatus? Status = null,
    int Page = 1,
    int PageSize = Page.DefaultSize) : IQuery<OrderPage>;

/// <summary>A page of orders and the total count.</summary>
public sealed record OrderPage(IReadOnlyList<OrderView> Items, int Page, int PageSize, long Total);

/// <summary>Handles the queries about orders from the read model.</summary>
public static partial class OrderQueries
{
    public static async Task<OrderView?> Handle(
        GetOrder query,
        IReadModel<OrderId, OrderView> orders,
        QueryContext context,
        CancellationToken cancellationToken)
    {
        if (!NumberPattern().IsMatch(query.Order))
            return await orders.Get(OrderId.Parse(query.Order), context, cancellationToken);
        var withNumber = new ReadQuery { Conditions = [new("number", Comparison.Equal, query.Order)], Limit = 1 };
        return (await orders.Query(withNumber, context, cancellationToken)).Items is [var order] ? order : null;
    }

    public static async Task<OrderPage> Handle(
        ListOrders query,
        IReadModel<OrderId, OrderView> orders,
        QueryContext context,
        CancellationToken cancellationToken)
    {
        Page.Require(query.Page, query.PageSize);
        var conditions = new List<FieldCondition>();
        if (query.Customer is { } customer)
            conditions.Add(new("customer", Comparison.Equal, customer.ToString()));
        if (query.Number is not null)
            conditions.Add(new("number", Comparison.Equal, query.Number));
        if (query.Status is { } status)
            conditions.Add(new("status", Comparison.Equal, status.ToString()));
        var readQuery = new ReadQuery
        {
            Conditions = conditions,
            OrderBy = "created",
            IsDescending = true,
            Skip = Page.Skip(query.Page, query.PageSize),
            Limit = query.PageSize,
        };
        var page = await orders.Query(readQuery, context, cancellationToken);
        return new OrderPage(
            page.Items, query.Page, query.PageSize, await orders.Count(conditions, context, cancellationToken));
    }

    [GeneratedRegex("^[A-Za-z]?[0-9A-F]{4,12}$")]
    private static partial Regex NumberPattern();
}
