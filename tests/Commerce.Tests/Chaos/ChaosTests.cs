using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Commerce.Chaos;
using Commerce.Orders;
using Commerce.Tests.Operations;
using Xunit.Abstractions;

namespace Commerce.Tests.Chaos;

/// <summary>
/// Chaos under load: nodes of the shop, the payment service, a listener, the database and both brokers are killed and started again at
/// random while people order. Afterwards stock, money and orders add up, each order is at its end or held with its reason, and nothing was
/// lost or done twice, in the shop and at the listener.
/// </summary>
public sealed class ChaosTests(ITestOutputHelper output)
{
    private const string Variable = "MILLRACE_CHAOS_SEED";
    private const int People = 4;
    private const int FewestOrders = 30;

    private static readonly TimeSpan Lasting =
        Environment.GetEnvironmentVariable("MILLRACE_LONG") == "1" ? TimeSpan.FromMinutes(10) : TimeSpan.FromMinutes(1);

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4); // The machine may do much else.

    [ChaosFact]
    public async Task Whatever_dies_stock_money_and_orders_add_up()
    {
        var given = Environment.GetEnvironmentVariable(Variable);
        var seed = given is null ? Random.Shared.Next(100_000) : int.Parse(given, CultureInfo.InvariantCulture);
        var again = string.Create(CultureInfo.InvariantCulture, $"{Variable}={seed} ./test --only chaos");
        output.WriteLine($"Again: {again}");
        await using var world = await ChaosWorld.Start();
        try
        {
            await Play(world, seed);
        }
#pragma warning disable CA1031 // Whatever went wrong is told with all that is left.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            var bundle = await ChaosBundle.Write(world, again, seed, failure);
            Assert.Fail($"{failure}\nAgain: {again}\nAll that is known: {bundle}");
        }
    }

    private async Task Play(ChaosWorld world, int seed)
    {
        using var client = new ChaosClient(world.Shops, new Random(seed));
        var customers = new ChaosCustomers(client);
        await customers.Open();
        await Live(world, customers, seed);
        await Settled(client, world);

        var books = await ChaosBooks.Read(world.ConnectionString);
        var charges = await Charges(world.CardPayments.Address);
        Tell(world, customers, books);
        EverythingIsThereOnce(customers, books);
        OrdersAndStockAddUp(books);
        MoneyAddsUp(books, charges);
        await TheReadModelsSayTheSame(client, books);
        var shipped = books.Orders.Values.Count(order => order.Times.ContainsKey("shipped"));
        Assert.Equal(shipped, Mails(world, "is on its way"));
        Assert.Equal(books.Processes.Values.Count(state => state == "completed"), Mails(world, "has arrived"));
        Assert.True(shipped > 0, "No order was shipped: that is no load.");
        await TheListenerHeardAllOnceAndInOrder(world, books);
        await NothingIsLeftOver(world);
    }

    private static async Task Live(ChaosWorld world, ChaosCustomers customers, int seed)
    {
        using var enough = new CancellationTokenSource();
        using var done = new CancellationTokenSource();
        var courier = customers.Deliver(done.Token);
        var people = Enumerable.Range(0, People).Select(_ => customers.Buy(enough.Token)).ToList();
        await Task.WhenAll([.. people, customers.Restock(enough.Token), world.Rage(seed, enough.Token), Last(customers, enough)]);
        await done.CancelAsync();
        await courier;
    }

    /// <summary>It lasts as long as it should, and on a slow machine until there was some load.</summary>
    private static async Task Last(ChaosCustomers customers, CancellationTokenSource enough)
    {
        try
        {
            await ChaosPause.For(Lasting);
            await Eventually.Is(() => Task.FromResult(customers.Placed.Count), placed => placed >= FewestOrders, Patience);
        }
        finally
        {
            await enough.CancelAsync();
        }
    }

    /// <summary>Waits until each order that was checked out has a process, and each process is at its end, or held.</summary>
    private static async Task Settled(ChaosClient client, ChaosWorld world)
    {
        using var done = new CancellationTokenSource();
        var courier = new ChaosCustomers(client).Deliver(done.Token);
        try
        {
            await Eventually.Is(
                async () =>
                {
                    await ChaosPause.For(TimeSpan.FromSeconds(2));
                    return Open(await ChaosBooks.Read(world.ConnectionString));
                },
                open => open.Length == 0, Patience);
        }
        finally
        {
            await done.CancelAsync();
            await courier;
        }
    }

    /// <summary>What is not at its end, for people; nothing when all is.</summary>
    private static string Open(ChaosBooks books)
    {
        var begun = books.Processes.Where(process => process.Value is "started" or "resumed").Select(process => process.Key);
        var missing = books.Orders.Where(order => order.Value.Checkouts > 0).Select(order => order.Key.ToString())
            .Where(order => !books.Processes.ContainsKey(order));
        return string.Join(' ', begun.Concat(missing.Select(order => $"{order} (no process)")));
    }

    private static void EverythingIsThereOnce(ChaosCustomers customers, ChaosBooks books)
    {
        var missing = customers.Placed
            .Where(order => books.Orders.GetValueOrDefault(OrderId.Parse(order)) is not { Checkouts: 1 }).ToList();
        Assert.Empty(missing);
        Assert.DoesNotContain(books.StepsDone, step => step.Value != 1);
        Assert.DoesNotContain(books.Orders, order => order.Value.Times.Values.Any(times => times != 1));
        Assert.Equal(books.Orders.Values.Sum(order => order.Checkouts), books.Processes.Count);
    }

    private static void OrdersAndStockAddUp(ChaosBooks books)
    {
        foreach (var (id, order) in books.Orders.Where(order => order.Value.Checkouts > 0))
        {
            var state = books.Processes[id.ToString()];
            var isFinal = order.Status is OrderStatus.Delivered or OrderStatus.Cancelled or OrderStatus.PaymentFailed or OrderStatus.Failed;
            Assert.True(isFinal || state == "held", $"{id} is {order.Status}, and its process {state}.");
            if (state == "held")
                Assert.False(string.IsNullOrWhiteSpace(books.Reasons[id.ToString()]), $"{id} is held, and nobody knows why.");
            Assert.True(state != "completed" || order.Status == OrderStatus.Delivered, $"{id} is completed, and {order.Status}.");
            if (isFinal)
                Assert.All(order.Reserved.Values, kept => Assert.Equal(0, kept));
            if (order.HasGoods)
                Assert.Equal(order.Wanted.OrderBy(line => line.Key.Value), order.Taken.OrderBy(line => line.Key.Value));
        }
        var sold = books.Orders.Values.Where(order => order.HasGoods).ToList();
        Assert.All(books.Stock.Keys, product => Assert.Equal(
            books.Brought[product] - sold.Sum(order => order.Wanted.GetValueOrDefault(product)), books.Stock[product].Quantity));
        Assert.All(books.Stock.Keys, product => Assert.Equal(
            books.Stock[product].Reserved, books.Orders.Values.Sum(order => order.Reserved.GetValueOrDefault(product))));
    }

    private static void MoneyAddsUp(ChaosBooks books, IReadOnlyList<JsonNode> charges)
    {
        var taken = charges.GroupBy(charge => charge["reference"]!.GetValue<string>(), StringComparer.Ordinal).ToDictionary(
            group => group.Key,
            group => group.Where(charge => charge["status"]!.GetValue<string>() is "captured" or "refunded")
                .Sum(charge => charge["amount"]!.GetValue<decimal>() - charge["refunded"]!.GetValue<decimal>()),
            StringComparer.Ordinal);
        foreach (var (id, order) in books.Orders)
        {
            var due = order.HasGoods ? order.Due : 0;
            Assert.True(order.Paid == due, $"{id} is {order.Status} and costs {due}, and the shop has booked {order.Paid}.");
            var charged = taken.GetValueOrDefault(id.ToString());
            Assert.True(charged == due, $"{id} is {order.Status} and costs {due}, and the cards were charged {charged}.");
        }
    }

    private static async Task TheReadModelsSayTheSame(ChaosClient client, ChaosBooks books)
    {
        foreach (var (product, (quantity, reserved)) in books.Stock)
        {
            await Eventually.Is(
                () => client.Get($"/api/inventory?product={product}"),
                found => found["items"]![0] is { } item && item["quantity"]!.GetValue<int>() == quantity
                    && item["reserved"]!.GetValue<int>() == reserved);
        }
        foreach (var status in books.Orders.Values.GroupBy(order => order.Status))
        {
            var name = char.ToLowerInvariant(status.Key.ToString()[0]) + status.Key.ToString()[1..];
            await Eventually.Is(
                () => client.Get($"/api/orders?status={name}&pageSize=1"), found => found["total"]!.GetValue<int>() == status.Count());
        }
    }

    private static async Task TheListenerHeardAllOnceAndInOrder(ChaosWorld world, ChaosBooks books)
    {
        var said = ChaosHearsay.Lines(books.Published);
        Assert.NotEmpty(said);
        foreach (var broker in Listener.Brokers)
        {
            IReadOnlyList<string> heard = [];
            try
            {
                await Eventually.Is(
                    async () =>
                    {
                        await ChaosPause.For(TimeSpan.FromSeconds(1));
                        return heard = await ChaosHearsay.Read(world.ListenerConnectionString, broker);
                    },
                    all => all.SequenceEqual(said), Patience);
            }
            catch (TimeoutException)
            {
                var (missing, wrong) = (string.Join('\n', said.Except(heard)), string.Join('\n', heard.Except(said)));
                Assert.Fail($"Over {broker} was not heard what was said.\nSaid, not heard so:\n{missing}\nHeard, not said so:\n{wrong}");
            }
        }
    }

    /// <summary>No consumer has put anything aside, and every promise of both stores holds.</summary>
    private static async Task NothingIsLeftOver(ChaosWorld world)
    {
        await Eventually.Is(
            async () =>
            {
                await ChaosPause.For(TimeSpan.FromSeconds(1));
                return string.Join('\n', (await ChaosBooks.Read(world.ConnectionString)).DeadLetters);
            },
            letters => letters.Length == 0, Patience);
        foreach (var store in new[] { world.Store, world.ListenerStore })
        {
            var (code, shown, error) = await OperatorTool.RunOn(store, "verify");
            Assert.True(code == 0, shown + error);
        }
    }

    private static async Task<IReadOnlyList<JsonNode>> Charges(Uri service)
    {
        using var http = new HttpClient { BaseAddress = service };
        var found = new List<JsonNode>();
        while (true)
        {
            var page = await Eventually.Is(() => Page(http, found.Count), page => page is not null); // It fails now and then.
            found.AddRange(page!["items"]!.AsArray().Select(charge => charge!.DeepClone()));
            if (found.Count >= page["total"]!.GetValue<int>())
                return found;
        }
    }

    private static async Task<JsonNode?> Page(HttpClient http, int skip)
    {
        try
        {
            return await http.GetFromJsonAsync<JsonNode>(string.Create(CultureInfo.InvariantCulture, $"/charges?skip={skip}"));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private static int Mails(ChaosWorld world, string subject) => Directory.GetFiles(world.MailFolder, "*.eml")
        .Count(file => File.ReadAllText(file).Contains(subject, StringComparison.Ordinal));

    private void Tell(ChaosWorld world, ChaosCustomers customers, ChaosBooks books)
    {
        output.WriteLine(string.Join('\n', world.Story));
        output.WriteLine($"{customers.Placed.Count} orders placed, {books.Events} events");
        foreach (var status in books.Orders.Values.GroupBy(order => order.Status).OrderByDescending(status => status.Count()))
            output.WriteLine($"{status.Count(),6} {status.Key}");
        foreach (var state in books.Processes.Values.GroupBy(state => state, StringComparer.Ordinal))
            output.WriteLine($"{state.Count(),6} processes {state.Key}");
    }
}
