using System.Globalization;
using System.Text;
using Commerce.Retail;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;
using Millrace.Storage.InMemory;

namespace Commerce.Tests.Retail;

/// <summary>Tests database failures during an import.</summary>
public sealed class ImportFaultTests : IDisposable
{
    private const int Invoices = 300;

    private readonly TemporaryDirectory _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task An_import_survives_failed_and_unknown_commits_without_loss_or_duplicates()
    {
        var file = await WriteInvoices();
        var faults = new FaultInjectingStorage(new InMemoryStorage());
        await using var shop = await Start(faults);
        var failed = 0;
        faults.BeforeCommit = (_, number) => number % 5 == 0 ? throw Fault(StorageProblem.Unavailable) : default;
        faults.AfterCommit = (_, number) => number % 7 == 0 ? throw Fault(StorageProblem.InDoubt) : default;

        var import = ActivatorUtilities.CreateInstance<RetailImport>(shop.Services, new RetailFile(file));
        await import.Run(CancellationToken.None);

        (faults.BeforeCommit, faults.AfterCommit) = (null, null);
        var taken = new List<string>();
        await foreach (
            var recorded in shop.Services.GetRequiredService<EventStore>().ReadLog(EventFilter.InStreams("order")))
            taken.Add(recorded.Stream.Value);
        Assert.True(failed > 0);
        Assert.Equal(Invoices, import.Lines);
        Assert.Equal((Invoices, Invoices), (taken.Count, taken.Distinct().Count()));

        StorageException Fault(StorageProblem problem)
        {
            Interlocked.Increment(ref failed);
            return new StorageException("The connection broke.", problem);
        }
    }

    [Fact]
    public async Task An_import_fails_if_the_database_does_not_recover()
    {
        var file = await WriteInvoices();
        var faults = new FaultInjectingStorage(new InMemoryStorage());
        await using var shop = await Start(faults);
        faults.BeforeCommit = (_, _) => throw new StorageException("The disk is broken.", StorageProblem.InputOutput);

        var import = ActivatorUtilities.CreateInstance<RetailImport>(shop.Services, new RetailFile(file));
        var failure = await Assert.ThrowsAsync<StorageException>(() => import.Run(CancellationToken.None));

        faults.BeforeCommit = null;
        Assert.Equal(StorageProblem.InputOutput, failure.Problem);
    }

    private async Task<WebApplication> Start(FaultInjectingStorage faults)
    {
        var options = new ShopOptions { Data = _data.Path, Simulates = false };
        var shop = ShopApplication.Create(
            options,
            port: 0,
            add: builder => builder.Services.AddMillrace(millrace => millrace.UseStorage(_ => faults)));
        await shop.StartAsync();
        return shop;
    }

    private async Task<string> WriteInvoices()
    {
        var text = new StringBuilder(
            "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n");
        for (var number = 0; number < Invoices; number++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{300_000 + number},A{number % 9},THING,")
                .Append(CultureInfo.InvariantCulture, $"1,2011-01-01 09:00:00,1,{17_000 + (number % 7)},France\n");
        }
        var file = Path.Combine(_data.Path, "invoices.csv");
        await File.WriteAllTextAsync(file, text.ToString());
        return file;
    }
}
