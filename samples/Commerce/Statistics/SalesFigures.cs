using Commerce.Orders;

namespace Commerce.Statistics;

/// <summary>What was sold, less what came back: on a day, to a country, of an article …</summary>
/// <param name="By">What the figures are by: one of <see cref="SalesBy"/>.</param>
/// <param name="Key">Of which day, hour, country, article or customer.</param>
/// <param name="Name">Its name, where it has one besides.</param>
/// <param name="Records">How many invoices, cancellations and other records say so.</param>
/// <param name="Lines">How many of their lines.</param>
/// <param name="Units">Pieces.</param>
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
