using System.Text.RegularExpressions;
using Commerce.Customers;
using Commerce.Orders;
using Commerce.SharedKernel;
using Microsoft.AspNetCore.Mvc;
using Millrace.Storage;

namespace Commerce.Api;

/// <summary>Which orders are wanted.</summary>
public sealed partial record OrderSearch(
    string? Customer,
    string? Number,
    OrderStatus? Status,
    int? Page,
    [property: FromQuery(Name = "page_size")] int? PageSize)
{
    /// <summary>Whether a text is the number of an order, as people know it: <c>536365</c>, <c>C536379</c>, <c>W0123456789AB</c>.</summary>
    public static bool IsNumber(string text) => NumberForm().IsMatch(text);

    public IReadOnlyList<FieldCondition> ToConditions()
    {
        var conditions = new List<FieldCondition>();
        if (Customer is not null)
            conditions.Add(new("customer", Comparison.Equal, CustomerId.Parse(Customer).ToString()));
        if (Number is not null)
            conditions.Add(new("number", Comparison.Equal, Number));
        if (Status is { } status)
            conditions.Add(new("status", Comparison.Equal, status.ToString()));
        return conditions;
    }

    [GeneratedRegex("^[A-Za-z]?[0-9A-F]{4,12}$")]
    private static partial Regex NumberForm();
}

/// <summary>A new order. Until there is a login, the customer is named here.</summary>
public sealed record NewOrder(CustomerId Customer, Address Address, IReadOnlyList<WantedItem>? Items);

public sealed record OrderCreatedAnswer(OrderId OrderId, string Number, string Message);

public sealed record NewQuantity(int Quantity);

public sealed record Cancellation(string Reason, string? CancelledBy);

public sealed record Shipment(string TrackingCode);

public sealed record GoodsBack(IReadOnlyList<ReturnedItem> Items, string Reason);
