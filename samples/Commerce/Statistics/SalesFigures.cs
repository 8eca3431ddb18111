using System.Text.Json.Serialization;
using Commerce.Customers;
using Commerce.Orders;
using Commerce.SharedKernel;

namespace Commerce.Statistics;

/// <summary>Sales minus returns: of a day, a country, an article and so on.</summary>
/// <param name="By">The dimension: one of <see cref="SalesBy"/>.</param>
/// <param name="Key">The day, hour, country, article or the id of the customer.</param>
/// <param name="Name">The display name; null when the key has none.</param>
/// <param name="Customer">The customer; null in other dimensions.</param>
/// <param name="Buyer">The customer's user name, or the number in older books.</param>
/// <param name="Records">The number of invoices, cancellations and other records.</param>
/// <param name="Lines">The number of their lines.</param>
/// <param name="Units">The number of pieces.</param>
/// <param name="Value">The sum of quantity and price over the lines.</param>
public sealed record SalesFigures(
    [property: Indexed] string By,
    [property: Indexed] string Key,
    string Name,
    CustomerId? Customer,
    [property: PersonalData(Subject = nameof(SalesFigures.Customer), ErasedText = Erased.Text)] string? Buyer,
    int Records,
    int Lines,
    long Units,
    [property: Indexed] decimal Value)
{
    /// <summary>The text for people: the name of a customer, and otherwise the key.</summary>
    [JsonIgnore]
    public string Label => Buyer ?? Key;

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
