using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Commerce.Choreography;
using Commerce.Tests.Chaos;

namespace Commerce.Tests.Choreography;

/// <summary>
/// The three services of orders, inventory and payments, each a program with its own store, and a broker. A test can
/// kill each service, and restart it with its data and with a clock that is ahead.
/// </summary>
internal sealed class ChoreographyServices : IAsyncDisposable
{
    /// <summary>The names of the three services.</summary>
    public static readonly string[] Services = ["orders", "inventory", "payments"];

    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan QuietPeriod = TimeSpan.FromSeconds(1);

    private readonly ChaosData _data = new();
    private readonly Dictionary<string, ChaosProgram> _programs = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly string _broker;
    private readonly string _address;

    private ChoreographyServices(string broker, string address) => (_broker, _address) = (broker, address);

    /// <summary>Starts the three services, and returns when they are connected to the broker.</summary>
    public static async Task<ChoreographyServices> Start(string broker, string address)
    {
        var services = new ChoreographyServices(broker, address);
        try
        {
            await services.Start(Services);
            return services;
        }
        catch
        {
            await services.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts or restarts services.</summary>
    /// <param name="services">The services.</param>
    /// <param name="days">The number of days by which the clocks of the services are ahead.</param>
    public async Task Start(string[] services, int days = 0)
    {
        foreach (var name in services)
        {
            var address = _programs.TryGetValue(name, out var before) ? before.Address : ChaosData.NewAddress();
            _programs[name] = _data.Program(
                name, "Commerce.Choreography.dll", address, "/ready", name, _broker, _address, FileOf(name),
                address.Port.ToString(CultureInfo.InvariantCulture), days.ToString(CultureInfo.InvariantCulture));
        }
        await Task.WhenAll(services.Select(name => _programs[name].Start()));
        foreach (var name in services)
            await Eventually.Get(_programs[name].IsReady, isReady => isReady, WaitTimeout);
    }

    /// <summary>Kills services as <c>kill -9</c> does.</summary>
    public Task Kill(params string[] services) => Task.WhenAll(services.Select(name => _programs[name].Kill()));

    public Task AddStock(string product, int quantity) => Post("inventory", "/stock", new { product, quantity });

    /// <summary>Submits an order of products at a unit price of ten.</summary>
    public Task Order(string order, string card, params (string Product, int Quantity)[] lines) =>
        Post(
            "orders",
            "/orders",
            new
            {
                order,
                card,
                lines = lines.Select(line => new
                {
                    product = line.Product,
                    quantity = line.Quantity,
                    unitPrice = 10,
                }),
            }
        );

    /// <summary>Reports to the payment service that the bank captured the money of an order.</summary>
    public Task SettleOrderPayment(string order) =>
        Post("payments", $"/payments/{order}/settle", new { isPaid = true });

    /// <summary>Waits until the outcomes of an order in the services meet a condition.</summary>
    public async Task<OrderOutcomes> WaitFor(
        string order, Func<OrderOutcomes, bool> condition) => (await Eventually.Get(
        async () => (await ReadOutcomes()).SingleOrDefault(outcomes => outcomes.Id == order),
        outcomes => outcomes is not null && condition(outcomes),
        WaitTimeout))!; // The condition was true for this order.

    /// <summary>
    /// Waits until the time limit of an order has started. The limit starts when the process waits for the outcome.
    /// </summary>
    public Task WaitForTimeLimit(string order) => Eventually.Get(
        async () => (await LastOf("orders", "process-unanswered-order-")).GetValueOrDefault(order),
        last => last == "processes.awaiting",
        WaitTimeout);

    /// <summary>Waits until all orders are complete in the three services, and returns the outcomes.</summary>
    public Task<IReadOnlyList<OrderOutcomes>> WaitForAllOrders() =>
        Eventually.Get(ReadOutcomes, orders => orders.Count > 0 && orders.All(order => order.IsFinished), WaitTimeout);

    /// <summary>Waits until the order service has a number of dead letters.</summary>
    public Task WaitForDeadLetters(int messages) =>
        Eventually.Get(() => Get<int?>("orders", "/parked"), parked => parked == messages, WaitTimeout);

    /// <summary>Waits until all work is complete, kills the three services and reads their logs.</summary>
    /// <param name="refused">The expected number of dead letters.</param>
    public async Task<ChoreographyLogs> Close(int refused = 0)
    {
        await WaitUntilIdle(refused);
        await Kill(Services);
        var logs = new List<ChaosLog>();
        foreach (var name in Services)
            logs.Add(await ChaosLog.Read<Trade>(new ChaosStore(name, FileOf(name), null)));
        return new ChoreographyLogs(logs[0], logs[1], logs[2]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var program in _programs.Values)
            await program.DisposeAsync();
        _http.Dispose();
        _data.Dispose();
    }

    private string FileOf(string service) => Path.Combine(_data.Folder, $"{service}.db");

    private async Task Post(string service, string path, object body)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri(_programs[service].Address, path), body);
        Assert.True(
            answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    /// <summary>
    /// Waits until the order service knows the stock, no message is retried, and no log has changed for a moment. The
    /// wait is necessary, because no store contains messages that are still at the broker.
    /// </summary>
    private async Task WaitUntilIdle(int refused)
    {
        var (before, lastChange) = (await ReadSnapshot(), TimeProvider.System.GetTimestamp());
        await Eventually.Get(
            async () =>
            {
                var now = await ReadSnapshot();
                if (now != before)
                    (before, lastChange) = (now, TimeProvider.System.GetTimestamp());
                return now;
            },
            snapshot =>
                snapshot is { Unheard: "" }
                && snapshot.DeadLetters == refused
                && TimeProvider.System.GetElapsedTime(lastChange) >= QuietPeriod,
            WaitTimeout);
    }

    /// <summary>Returns the state of the three services, or null if a service does not answer.</summary>
    private async Task<ServicesSnapshot?> ReadSnapshot()
    {
        var (events, letters, logs) = (0, 0, new Dictionary<string, JsonArray>());
        foreach (var service in Services)
        {
            if (await Get<JsonArray>(service, "/log") is not { } log
                || await Get<int?>(service, "/letters") is not { } open)
                return null;
            (events, letters, logs[service]) = (events + log.Count, letters + open, log);
        }
        var known = RecentChanges(logs["orders"], "availability-");
        var missing = RecentChanges(logs["inventory"], "stock-").Except(known).Select(change => change.ToString());
        return new ServicesSnapshot(events, letters, string.Join(' ', missing));
    }

    /// <summary>Returns the last stock change of each product in a log.</summary>
    private static HashSet<(string Product, int Change)> RecentChanges(JsonArray log, string prefix) =>
        [
            .. log.Where(entry => entry!["change"] is not null)
                .Select(entry =>
                    (
                        Product: entry!["stream"]!.GetValue<string>()[prefix.Length..],
                        Change: entry["change"]!.GetValue<int>()))
                .GroupBy(entry => entry.Product)
                .Select(product => product.MaxBy(entry => entry.Change)),
        ];

    private async Task<IReadOnlyList<OrderOutcomes>> ReadOutcomes()
    {
        var orders = await LastOf("orders", "order-");
        var reservations = await LastOf("inventory", "reservation-");
        var payments = await LastOf("payments", "payment-");
        return
        [
            .. orders.Keys.Select(id => new OrderOutcomes(
                id, orders[id], reservations.GetValueOrDefault(id), payments.GetValueOrDefault(id))),
        ];
    }

    /// <summary>
    /// Returns the last event of each stream of a kind, or an empty result if the service is unavailable.
    /// </summary>
    private async Task<Dictionary<string, string>> LastOf(string service, string prefix) =>
        (await Get<JsonArray>(service, "/log") ?? [])
            .Select(entry => (Stream: entry!["stream"]!.GetValue<string>(), Type: entry["type"]!.GetValue<string>()))
            .Where(entry => entry.Stream.StartsWith(prefix, StringComparison.Ordinal))
            .GroupBy(entry => entry.Stream[prefix.Length..])
            .ToDictionary(stream => stream.Key, stream => stream.Last().Type);

    /// <summary>Returns the answer of a service, or null if the service is unavailable.</summary>
    private async Task<T?> Get<T>(string service, string path)
    {
        try
        {
            return await _http.GetFromJsonAsync<T>(new Uri(_programs[service].Address, path));
        }
        catch (Exception unavailable) when (unavailable is HttpRequestException or TaskCanceledException)
        {
            return default;
        }
    }

    /// <summary>
    /// The numbers of events and dead letters, and the stock changes that the order service has not received.
    /// </summary>
    private sealed record ServicesSnapshot(int Events, int DeadLetters, string Unheard);
}
