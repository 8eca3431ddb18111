using System.Globalization;
using System.Text;
using Commerce.Catalogue;
using Commerce.Retail;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Retail;

public sealed class ImportOrderTests(RunningShop shop) : IClassFixture<RunningShop>, IDisposable
{
    private const int Articles = 40;

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    /// <summary>
    /// The import sends invoices concurrently. The first invoice with the articles waits for fifteen earlier parts of
    /// its number. The later invoices with the same articles wait for no other invoice.
    /// </summary>
    [Fact]
    public async Task An_article_is_imported_with_its_first_price_in_the_file()
    {
        var text = new StringBuilder(
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n");
        for (var minute = 0; minute < 15; minute++)
            text.Append(
                CultureInfo.InvariantCulture, $"300000,OLD,LONG KNOWN,1,2011-01-01 08:{minute:00}:00,5,17850,France\n");
        for (var article = 0; article < Articles; article++)
            text.Append(
                CultureInfo.InvariantCulture, $"300000,NEW{article},THING,1,2011-01-01 09:00:00,1,17850,France\n");
        for (var article = 0; article < Articles; article++)
            text.Append(
                CultureInfo.InvariantCulture,
                $"{400_000 + article},NEW{article},THING,1,2011-01-01 10:00:00,2,17850,France\n");
        var file = Path.Combine(_data.Path, "two-prices.csv");
        await File.WriteAllTextAsync(file, text.ToString());

        await ActivatorUtilities
            .CreateInstance<RetailImport>(shop.Services, new RetailFile(file))
            .Run(CancellationToken.None);

        var prices = new List<decimal>();
        var store = shop.Services.GetRequiredService<EventStore>();
        await foreach (var recorded in store.ReadLog(EventFilter.InStreams("product")))
        {
            if (recorded.Data is ProductCreated created
                && created.Sku.Value.StartsWith("NEW", StringComparison.Ordinal))
                prices.Add(created.Price.Amount);
        }
        Assert.Equal(Enumerable.Repeat(1m, Articles), prices);
    }
}
