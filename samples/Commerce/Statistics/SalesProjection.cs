using System.Globalization;
using Commerce.Orders;

namespace Commerce.Statistics;

/// <summary>The dimensions of the sales statistics.</summary>
public static class SalesBy
{
    /// <summary>By date, <c>2011-12-05</c>.</summary>
    public const string Day = "day";

    /// <summary>By the hour of the day, <c>00</c> to <c>23</c>.</summary>
    public const string Hour = "hour";

    public const string Country = "country";

    /// <summary>By the article's code, case-sensitive.</summary>
    public const string Product = "product";

    /// <summary>By the id of the customer. This dimension does not include anonymous sales.</summary>
    public const string Customer = "customer";
}

/// <summary>
/// Counts every sale once in each dimension of <see cref="SalesBy"/>. A key consists of the dimension and its value:
/// <c>country/France</c>.
/// </summary>
/// <remarks>Version 2 counts customers by their ids, because keys are stored unencrypted.</remarks>
[Projection("sales", Version = 2)]
public sealed partial class SalesProjection : Projection<string, SalesFigures>
{
    public static IEnumerable<string> Key(SaleRecorded sale)
    {
        yield return $"{SalesBy.Day}/{sale.OccurredAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
        yield return $"{SalesBy.Hour}/{sale.OccurredAt.ToString("HH", CultureInfo.InvariantCulture)}";
        yield return $"{SalesBy.Country}/{sale.Country}";
        if (sale.Customer is { } customer)
            yield return $"{SalesBy.Customer}/{customer}";
        foreach (var sku in sale.Lines.Select(line => line.Sku).Distinct(StringComparer.Ordinal))
            yield return $"{SalesBy.Product}/{sku}";
    }

    public static SalesFigures Apply(string key, SalesFigures? figures, SaleRecorded sale)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var (by, value) = (key[..slash], key[(slash + 1)..]);
        var lines = by == SalesBy.Product ? sale.Lines.Where(line => line.Sku == value) : sale.Lines;
        return (figures ?? new SalesFigures(by, value, "", null, null, 0, 0, 0, 0)).Add(lines) with
        {
            Name = NameOf(by, figures, lines),
            Customer = by == SalesBy.Customer ? sale.Customer : null,
            Buyer = by == SalesBy.Customer ? sale.Buyer : null,
        };
    }

    /// <summary>Returns the article's name; if an article has several names, the first one that is not empty.</summary>
    private static string NameOf(string by, SalesFigures? figures, IEnumerable<SaleLine> lines) =>
        figures is { Name.Length: > 0 } ? figures.Name : by == SalesBy.Product ? lines.First().Name.Trim() : "";
}
