using System.Globalization;
using Commerce.Tests.Operations;
using Xunit.Abstractions;

namespace Commerce.Tests.Chaos;

/// <summary>One run: customers order while targets are killed; afterwards it waits until all orders are complete, and
/// checks the totals.</summary>
/// <param name="world">The topology of the shop.</param>
/// <param name="seed">Repeats the same faults, as far as timing allows.</param>
/// <param name="lasting">The minimum duration of the faults.</param>
/// <param name="output">The output of the report.</param>
internal sealed class ChaosRun(ChaosWorld world, int seed, TimeSpan lasting, ITestOutputHelper output)
{
    private const int People = 4;
    private const int MinOrders = 20;

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4); // The machine may be busy.

    public async Task Play()
    {
        using var client = new ChaosClient(world.Fronts, new Random(seed));
        var customers = new ChaosCustomers(client);
        await customers.Open();
        await Live(customers);
        await Settle(client);

        var logs = await world.ReadLogs();
        var books = ChaosLogTotals.Of(logs);
        WriteSummary(customers, books);
        ChaosAudit.CheckEverythingOnce(customers, books);
        ChaosAudit.CheckStockTotals(books);
        ChaosAudit.CheckPaymentTotals(books, await ChaosPayments.Read(world.CardPayments.Address));
        var shipped = books.Orders.Values.Count(order => order.Times.ContainsKey("shipped"));
        Assert.Equal(shipped, Mails("is on its way"));
        Assert.Equal(books.Processes.Values.Count(state => state == "completed"), Mails("has arrived"));
        Assert.True(shipped > 0, "No order was shipped: that is no load.");
        await CheckReadModels(client, books);
        await world.CheckRemaining(logs, books);
        await CheckNoOpenWork(books);
    }

    private async Task Live(ChaosCustomers customers)
    {
        using var enough = new CancellationTokenSource();
        using var done = new CancellationTokenSource();
        var courier = customers.Deliver(done.Token);
        var people = Enumerable.Range(0, People).Select(_ => customers.Buy(enough.Token)).ToList();
        await Task.WhenAll([
            .. people,
            customers.Restock(enough.Token),
            world.InjectFaults(seed, enough.Token),
            Last(customers, enough),
        ]);
        await done.CancelAsync();
        await courier;
    }

    /// <summary>Runs for the minimum time, and on a slow machine until there was some load.</summary>
    private async Task Last(ChaosCustomers customers, CancellationTokenSource enough)
    {
        try
        {
            await ChaosPause.For(lasting);
            await Eventually.Is(
                () => Task.FromResult(customers.Placed.Count), placed => placed >= MinOrders, WaitTimeout);
        }
        finally
        {
            await enough.CancelAsync();
        }
    }

    /// <summary>
    /// Waits until each order that was checked out has a process, and each process is complete or held. The wait
    /// continues while their number decreases.
    /// </summary>
    private async Task Settle(ChaosClient client)
    {
        using var done = new CancellationTokenSource();
        var courier = new ChaosCustomers(client).Deliver(done.Token);
        try
        {
            for (var fewest = int.MaxValue; fewest > 0;)
            {
                var before = fewest;
                (fewest, _) = await Eventually.Is(ReadOpen, open => open.Count < before, WaitTimeout);
            }
        }
        finally
        {
            await done.CancelAsync();
            await courier;
        }
    }

    /// <summary>Returns the number of incomplete orders, and some of them.</summary>
    private async Task<(int Count, string Orders)> ReadOpen()
    {
        await ChaosPause.For(TimeSpan.FromSeconds(2));
        var open = ChaosAudit.Open(ChaosLogTotals.Of(await world.ReadLogs()));
        return (open.Count, string.Join(' ', open));
    }

    private static async Task CheckReadModels(ChaosClient client, ChaosLogTotals books)
    {
        foreach (var (product, (quantity, reserved)) in books.Stock)
        {
            await Eventually.Is(
                () => client.Get($"/api/inventory?product={product}"),
                found => found["items"]![0] is { } item && item["quantity"]!.GetValue<int>() == quantity
                    && item["reserved"]!.GetValue<int>() == reserved,
                WaitTimeout);
            await Eventually.Is(
                () => client.Get($"/api/products/{product}"),
                found => found["availableQuantity"]?.GetValue<int>() == quantity - reserved, WaitTimeout);
        }
        foreach (var status in books.Orders.Values.GroupBy(order => order.Status))
        {
            var name = char.ToLowerInvariant(status.Key.ToString()[0]) + status.Key.ToString()[1..];
            await Eventually.Is(
                () => client.Get($"/api/orders?status={name}&pageSize=1"),
                found => found["total"]!.GetValue<int>() == status.Count(), WaitTimeout);
        }
    }

    /// <summary>Checks that only the expected dead letters exist, and that every guarantee of each store
    /// holds.</summary>
    private async Task CheckNoOpenWork(ChaosLogTotals books)
    {
        await Eventually.Is(
            async () =>
            {
                await ChaosPause.For(TimeSpan.FromSeconds(1));
                return ChaosAudit.PutAside(await world.ReadLogs(), books);
            },
            problems => problems.Length == 0, WaitTimeout);
        foreach (var store in world.Books.Concat(world.Others))
        {
            var (code, shown, error) = await OperatorTool.RunOn(store.Address, "verify");
            Assert.True(code == 0, shown + error);
        }
    }

    private int Mails(string subject) => Directory.GetFiles(world.Data.MailFolder, "*.eml")
        .Count(file => File.ReadAllText(file).Contains(subject, StringComparison.Ordinal));

    private void WriteSummary(ChaosCustomers customers, ChaosLogTotals books)
    {
        output.WriteLine(string.Join('\n', world.Faults.Timeline));
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{world.Faults.Kills} kills and restarts, {customers.Placed.Count} orders placed, {books.Events} "
                    + $"events"
            )
        );
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{customers.Brought.Values.Sum()} pieces brought, "
                    + $"{books.Stock.Values.Sum(one => one.Quantity - one.Reserved)} left"
            )
        );
        foreach (
            var status in books.Orders.Values.GroupBy(order => order.Status).OrderByDescending(status => status.Count())
        )
            output.WriteLine($"{status.Count(),6} {status.Key}");
        foreach (var state in books.Processes.Values.GroupBy(state => state, StringComparer.Ordinal))
            output.WriteLine($"{state.Count(),6} processes {state.Key}");
        foreach (var reason in books
                .Processes.Where(process => process.Value == "held")
                .Select(process => books.Reasons[process.Key]))
            output.WriteLine($"       held: {reason}");
    }
}
