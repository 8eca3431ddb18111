using System.Globalization;
using nietras.SeparatedValues;

namespace Browser.Tests;

/// <summary>
/// Creates ninety days of older sales in the form of the real data set, with long names, returns and anonymous
/// buyers. The sales are always the same.
/// </summary>
public static class HistoricalSales
{
    private static readonly (string Code, string Name, decimal Price)[] Articles =
    [
        ("85123A", "WHITE HANGING HEART T-LIGHT HOLDER", 2.55m), ("22423", "REGENCY CAKESTAND 3 TIER", 12.75m),
        ("47566", "PARTY BUNTING", 4.95m), ("84879", "ASSORTED COLOUR BIRD ORNAMENT", 1.69m), ("POST", "POSTAGE", 18m),
        ("23084", "RABBIT NIGHT LIGHT", 2.08m), ("22086", "PAPER CHAIN KIT 50'S CHRISTMAS", 2.95m),
        ("23298", "SPOTTY BUNTING WITH A NAME THAT IS LONGER THAN ANY TILE OF THE PAGE IS WIDE", 4.95m),
        ("84946", "ANTIQUE SILVER T-LIGHT GLASS", 1.25m), ("22197", "POPCORN HOLDER", 0.85m),
    ];

    private static readonly string[] Countries =
    [
        "United Kingdom",
        "United Kingdom",
        "United Kingdom",
        "EIRE",
        "Germany",
        "France",
        "Netherlands",
        "Channel Islands",
        "Australia",
    ];

    public static string Csv()
    {
        var random = new Random(5);
        using var writer = Sep.New(',').Writer().ToText();
        var start = new DateTime(2010, 9, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var number = 536_000;
        for (var day = 0; day < 90; day++)
        {
            var isLast = day == 89;
            for (var invoice = 0; invoice < (isLast ? 1 : random.Next(3, 9)); invoice++)
            {
                var isReturn = random.Next(12) == 0;
                var time = start.AddDays(day).AddMinutes((8 * 60) + random.Next(10 * 60));
                var customer =
                    random.Next(5) == 0 ? "" : random.Next(12_346, 12_400).ToString(CultureInfo.InvariantCulture);
                var country = Countries[random.Next(Countries.Length)];
                number++;
                foreach (var (code, name, price) in random.GetItems(Articles, random.Next(1, 7)).Distinct())
                {
                    var quantity = random.Next(1, 60) * (isReturn ? -1 : 1);
                    using var row = writer.NewRow();
                    row["InvoiceNo"].Set($"{(isReturn ? "C" : "")}{number}");
                    row["StockCode"].Set(code);
                    row["Description"].Set(name);
                    row["Quantity"].Format(quantity);
                    row["InvoiceDate"].Set($"{time:yyyy-MM-dd HH:mm:ss}");
                    row["UnitPrice"].Format(price);
                    row["CustomerID"].Set(customer);
                    row["Country"].Set(country);
                }
            }
        }
        return writer.ToString();
    }

    /// <summary>The number of an invoice that the sales always contain.</summary>
    public const string Invoice = "536001";
}
