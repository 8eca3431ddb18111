using Commerce.Customers;
using Commerce.Retail;
using Commerce.Trust;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Retail;

/// <summary>Tests that a file can be imported again after the erasure of one of its customers.</summary>
public sealed class ErasedImportTests : IDisposable
{
    private const string Columns = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
    private const string Invoice = "100003,POST,POSTAGE,3,2010-12-01 09:00:00,18,12422,Switzerland";

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task An_import_continues_after_the_erasure_of_a_customer()
    {
        await using var shop = ShopApplication.Create(
            new ShopOptions { Data = _data.Path, Simulates = false }, port: 0);
        await shop.StartAsync();
        await Import(shop, Invoice);
        var customer = CustomerId.OfNumber("12422");
        var erasure = await shop.Services.GetRequiredService<IServiceScopeFactory>().CreateScope().ServiceProvider
            .GetRequiredService<CustomerErasure>().Run(customer, "asked by letter", "mary", CancellationToken.None);

        await Import(shop, Invoice, "100009,POST,POSTAGE,1,2010-12-06 11:00:00,18,12422,Australia");

        Assert.NotEmpty(Assert.IsType<ErasureCertificate>(erasure.Certificate).Content.ToArray());
        var store = shop.Services.GetRequiredService<EventStore>();
        var sales = new List<(string? Buyer, string Country)>();
        await foreach (var recorded in store.ReadLog(EventFilter.InStreams("order")))
        {
            if (recorded.Data is Commerce.Orders.SaleRecorded sale)
                sales.Add((sale.Buyer, sale.Country));
        }
        Assert.Equal([("[erased]", "Switzerland"), ("[erased]", "Australia")], sales);
    }

    private async Task Import(WebApplication shop, params string[] lines)
    {
        var file = Path.Combine(_data.Path, "retail.csv");
        await File.WriteAllLinesAsync(file, [Columns, .. lines]);
        await ActivatorUtilities.CreateInstance<RetailImport>(shop.Services, new RetailFile(file))
            .Run(CancellationToken.None);
    }
}
