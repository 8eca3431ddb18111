using Commerce.Orders;

namespace Commerce.Statistics;

/// <summary>Sales minus returns: of a day, a country, an article and so on.</summary>
/// <param name="By">The dimension: one of <see cref="SalesBy"/>.</param>
/// <param name="Key">The day, hour, country, article or customer.</param>
/// <param name="Name">The display name; null when the key has none.</param>
/// <param name="Records">The number of invoices, cancellations and other records.</param>
/// <param name="Lines">The number of their lines.</param>
/// <param name="Units">The number of pieces.</param>
/// <param name="Value">The sum of quantity and price over the lines.</param>
public sealed record SalesFigures(
    [property: Indexed] string By,
    [property: Indexed] string Key,
    string Name,
    int Records,
    int Lines,
    long Units,
    [property: Indexed] decimal Value)
{
    public SalesFigures Add(IEnumerable<SaleLine> sold)
    {
        var (lines, units, value) = (0, 0L, 0m);
        foreach (var line in sold)
        {
            lines++;
            units += line.Quantity;
            value += line.Value();
        }

        return this with { Records = Records + 1, Lines = Lines + lines, Units = Units + units, Value = Value + value };
    }
}
