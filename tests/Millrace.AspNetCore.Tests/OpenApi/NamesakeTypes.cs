using System.Text.Json.Serialization;

#pragma warning disable CA1708, CA1711, CA1716, CA1724 // The tests need types with similar names.
namespace Millrace.AspNetCore.Tests.OpenApi.Sales
{
    public sealed record Order(string InSales, Line Line, IReadOnlyList<Page<Line>> Pages);

    public sealed record Line(string InSalesLine);

    public sealed record Page<T>(T SalesPage);
}

namespace Millrace.AspNetCore.Tests.OpenApi.Views
{
    public sealed record Order(string InViews, Line Line);

    public sealed record Line(string InViewsLine);

    public sealed record Page<T>(T ViewsPage);

    public sealed record ORDER(string InCapitals);

    public sealed record SalesOrder(string InSalesOrder);

    public sealed record PageOfLine(string NoPage);

    public sealed record Problem(string NoError);

    public static class Cart
    {
        public sealed record Order(string InCart, Item Item);

        public sealed record Item(string InCartItem);
    }

    public static class Basket
    {
        public sealed record Item(string InBasketItem);
    }

    public sealed record Alone(string OnlyOne);
}

namespace Millrace.AspNetCore.Tests.OpenApi.Views.Sales
{
    public sealed record Order(string InViewsSales, ORDER Capitals);
}

namespace Millrace.AspNetCore.Tests.OpenApi
{
    public sealed record GetSalesOrder(string Id) : IQuery<Sales.Order>;

    public sealed record GetLinePage(string Id) : IQuery<Sales.Page<Sales.Line>>;

    public sealed record GetCart(string Id) : IQuery<Views.Cart.Order>;

    [JsonSerializable(typeof(GetSalesOrder))]
    [JsonSerializable(typeof(GetLinePage))]
    [JsonSerializable(typeof(GetCart))]
    [JsonSerializable(typeof(Sales.Order))]
    [JsonSerializable(typeof(Views.Cart.Order), TypeInfoPropertyName = "CartOrder")]
    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    public sealed partial class NamesakeJson : JsonSerializerContext;
}
