using System.Globalization;
using Commerce.Tests.Operations;
using Xunit.Abstractions;

namespace Commerce.Tests.Chaos;

/// <summary>
/// A run of the chaos test. Customers order while the run kills targets. Afterwards, the run waits until all orders are
/// complete, and checks the totals.
/// </summary>
/// <param name="world">The topology of the shop.</param>
/// <param name="seed">The seed of the faults. The same seed repeats the same faults, as far as timing allows.</param>
/// <param name="minDuration">The minimum duration of the faults.</param>
/// <param name="output">The output of the report.</param>
internal sealed class ChaosRun(ChaosWorld world, int seed, TimeSpan minDuration, ITestOutputHelper output)
{
    private const int MinOrders = 20;

    // A short run has half the load, because other tests share the machine.
    private static readonly int CustomerCount = TestRun.IsLong ? 4 : 2;

    // The timeout is long, because the machine may be busy.
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(4);

    public async Task Play()
    {
        using var client = new ChaosClient(world.EntryPoints, new Random(seed));
        var customers = new ChaosCustomers(client);
        await customers.Open();
        await RunLoad(customers);
        await WaitForProcesses(client);

        var logs = await world.ReadLogs();
        var totals = ChaosLogTotals.Of(logs);
        WriteSummary(customers, totals);
        ChaosAudit.CheckEverythingOnce(customers, totals);
        ChaosAudit.CheckStockTotals(totals);
        ChaosAudit.CheckPaymentTotals(totals, await ChaosPayments.Read(world.CardPayments.Address));
        var shipped = totals.Orders.Values.Count(order => order.Times.ContainsKey("shipped"));
        Assert.Equal(shipped, CountMails("is on its way"));
        Assert.Equal(totals.Processes.Values.Count(state => state == "completed"), CountMails("has arrived"));
        Assert.True(shipped > 0, "The load was too small, because no order was shipped.");
        await CheckReadModels(client, totals);
        await world.CheckRemaining(logs, totals);
        await CheckNoOpenWork(totals);
    }

    private async Task RunLoad(ChaosCustomers customers)
    {
        using var loadEnd = new CancellationTokenSource();
        using var done = new CancellationTokenSource();
        var courier = customers.Deliver(done.Token);
        var people = Enumerable.Range(0, CustomerCount).Select(_ => customers.Buy(loadEnd.Token)).ToList();
        await Task.WhenAll([
            .. people,
            customers.Restock(loadEnd.Token),
            world.InjectFaults(seed, loadEnd.Token),
            WaitForLoad(customers, loadEnd),
        ]);
        await done.CancelAsync();
        await courier;
    }

    /// <summary>
    /// Waits for the minimum duration. On a slow machine, waits until customers have placed enough orders.
    /// </summary>
    private async Task WaitForLoad(ChaosCustomers customers, CancellationTokenSource loadEnd)
    {
        try
        {
            await ChaosPause.For(minDuration);
            await Eventually.Get(
                () => Task.FromResult(customers.Placed.Count), placed => placed >= MinOrders, WaitTimeout);
        }
        finally
        {
            await loadEnd.CancelAsync();
        }
    }

    /// <summary>
    /// Waits until each order that was checked out has a process, and each process is complete or held. The wait
    /// continues while the number of incomplete orders decreases.
    /// </summary>
    private async Task WaitForProcesses(ChaosClient client)
    {
        using var done = new CancellationTokenSource();
        var courier = new ChaosCustomers(client).Deliver(done.Token);
        try
        {
            for (var fewest = int.MaxValue; fewest > 0;)
            {
                var before = fewest;
                (fewest, _) = await Eventually.Get(ReadOpen, open => open.Count < before, WaitTimeout);
            }
        }
        finally
        {
            await done.CancelAsync();
            await courier;
        }
    }

    /// <summary>Returns the number of incomplete orders, and their ids.</summary>
    private async Task<(int Count, string Orders)> ReadOpen()
    {
        await ChaosPause.For(TimeSpan.FromSeconds(2));
        var open = ChaosAudit.Open(ChaosLogTotals.Of(await world.ReadLogs()));
        return (open.Count, string.Join(' ', open));
    }

    private static async Task CheckReadModels(ChaosClient client, ChaosLogTotals totals)
    {
        foreach (var (product, (quantity, reserved)) in totals.Stock)
        {
            await Eventually.Get(
                () => client.Get($"/api/inventory?product={product}"),
                found => found["items"]![0] is { } item && item["quantity"]!.GetValue<int>() == quantity
                    && item["reserved"]!.GetValue<int>() == reserved,
                WaitTimeout);
            await Eventually.Get(
                () => client.Get($"/api/products/{product}"),
                found => found["availableQuantity"]?.GetValue<int>() == quantity - reserved, WaitTimeout);
        }
        foreach (var status in totals.Orders.Values.GroupBy(order => order.Status))
        {
            var name = char.ToLowerInvariant(status.Key.ToString()[0]) + status.Key.ToString()[1..];
            await Eventually.Get(
                () => client.Get($"/api/orders?status={name}&pageSize=1"),
                found => found["total"]!.GetValue<int>() == status.Count(), WaitTimeout);
        }
    }

    /// <summary>
    /// Checks that only the expected dead letters exist, and that the verification of each store finds no problem.
    /// </summary>
    private async Task CheckNoOpenWork(ChaosLogTotals totals)
    {
        await Eventually.Get(
            async () =>
            {
                await ChaosPause.For(TimeSpan.FromSeconds(1));
                return ChaosAudit.DeadLetterProblems(await world.ReadLogs(), totals);
            },
            problems => problems.Length == 0, WaitTimeout);
        foreach (var store in world.ShopStores.Concat(world.OtherStores))
        {
            var (code, report, error) = await OperatorTool.RunOn(store.Address, "verify");
            Assert.True(code == 0, report + error);
        }
    }

    private int CountMails(string subject) => Directory.GetFiles(world.Data.MailFolder, "*.eml")
        .Count(file => File.ReadAllText(file).Contains(subject, StringComparison.Ordinal));

    private void WriteSummary(ChaosCustomers customers, ChaosLogTotals totals)
    {
        output.WriteLine(string.Join('\n', world.Faults.Timeline));
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{world.Faults.Kills} kills and restarts, {customers.Placed.Count} orders "
                    + $"placed, {totals.Events} events"
            )
        );
        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{customers.Supplied.Values.Sum()} units delivered to the shop, "
                    + $"{totals.Stock.Values.Sum(stock => stock.Quantity - stock.Reserved)} left"
            )
        );
        foreach (
            var status in totals
                .Orders.Values.GroupBy(order => order.Status)
                .OrderByDescending(status => status.Count())
        )
            output.WriteLine($"{status.Count(),6} {status.Key}");
        foreach (var state in totals.Processes.Values.GroupBy(state => state, StringComparer.Ordinal))
            output.WriteLine($"{state.Count(),6} processes {state.Key}");
        foreach (var reason in totals
                .Processes.Where(process => process.Value == "held")
                .Select(process => totals.Reasons[process.Key]))
            output.WriteLine($"       held: {reason}");
    }
}
