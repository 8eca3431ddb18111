using System.Globalization;
using Commerce.Orders;

namespace Commerce.Statistics;

/// <summary>What sales are counted by.</summary>
public static class SalesBy
{
    /// <summary>By date, <c>2011-12-05</c>.</summary>
    public const string Day = "day";

    /// <summary>By the hour of the day, <c>00</c> to <c>23</c>.</summary>
    public const string Hour = "hour";

    public const string Country = "country";

    /// <summary>By the article's code, in which upper and lower case differ.</summary>
    public const string Product = "product";

    /// <summary>By customer, as the books call them; anonymous sales are nobody's.</summary>
    public const string Customer = "customer";
}

/// <summary>
/// Counts every sale once by each of <see cref="SalesBy"/>. A key is what it counts by
/// and of which: <c>country/France</c>.
/// </summary>
[Projection("sales")]
public sealed partial class SalesProjection : Projection<string, SalesFigures>
{
    public static IEnumerable<string> Key(SaleRecorded sale)
    {
        yield return $"{SalesBy.Day}/{sale.OccurredAt.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
        yield return $"{SalesBy.Hour}/{sale.OccurredAt.ToString("HH", CultureInfo.InvariantCulture)}";
        yield return $"{SalesBy.Country}/{sale.Country}";
        if (sale.Buyer is not null)
            yield return $"{SalesBy.Customer}/{sale.Buyer}";
        foreach (var sku in sale.Lines.Select(line => line.Sku).Distinct(StringComparer.Ordinal))
            yield return $"{SalesBy.Product}/{sku}";
    }

    public static SalesFigures Apply(string key, SalesFigures? figures, SaleRecorded sale)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var (by, of) = (key[..slash], key[(slash + 1)..]);
        var lines = by == SalesBy.Product ? sale.Lines.Where(line => line.Sku == of) : sale.Lines;
        return (figures ?? new SalesFigures(by, of, "", 0, 0, 0, 0)).Add(lines) with
        {
            Name = NameOf(by, figures, lines),
        };
    }

    /// <summary>Articles have names, and a few have several: the first that is one stays.</summary>
    private static string NameOf(string by, SalesFigures? figures, IEnumerable<SaleLine> lines) =>
        figures is { Name.Length: > 0 } ? figures.Name : by == SalesBy.Product ? lines.First().Name.Trim() : "";
}
