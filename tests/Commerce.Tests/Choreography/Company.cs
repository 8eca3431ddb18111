using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Commerce.Choreography;
using Commerce.Tests.Chaos;

namespace Commerce.Tests.Choreography;

/// <summary>
/// Three programs, orders, inventory and payments, each with a store of its own, and a broker between them. Any of them can be killed, and
/// started again with what it had and a clock that is ahead.
/// </summary>
internal sealed class Company : IAsyncDisposable
{
    /// <summary>All three.</summary>
    public static readonly string[] Services = ["orders", "inventory", "payments"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly ChaosData _data = new();
    private readonly Dictionary<string, ChaosProgram> _programs = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };
    private readonly string _broker;
    private readonly string _address;

    private Company(string broker, string address) => (_broker, _address) = (broker, address);

    /// <summary>Starts all three, and returns when each is heard by the others.</summary>
    public static async Task<Company> Start(string broker, string address)
    {
        var company = new Company(broker, address);
        try
        {
            await company.Start(Services);
            return company;
        }
        catch
        {
            await company.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts services: for the first time, or again.</summary>
    /// <param name="services">Which.</param>
    /// <param name="days">How far their clocks are ahead.</param>
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
            await Eventually.Is(_programs[name].IsReady, isReady => isReady, Patience);
    }

    /// <summary>Kills services: kill -9.</summary>
    public Task Kill(params string[] services) => Task.WhenAll(services.Select(name => _programs[name].Kill()));

    public Task AddStock(string product, int quantity) => Post("inventory", "/stock", new { product, quantity });

    /// <summary>Orders pieces of products at ten each.</summary>
    public Task Order(string order, string card, params (string Product, int Quantity)[] lines) => Post("orders", "/orders", new
    {
        order,
        card,
        lines = lines.Select(line => new { product = line.Product, quantity = line.Quantity, unitPrice = 10 }),
    });

    /// <summary>The bank says that it has the money for an order.</summary>
    public Task BankPays(string order) => Post("payments", $"/payments/{order}/settle", new { isPaid = true });

    /// <summary>Waits until the services say of an order what a condition wants.</summary>
    public Task<Story> Becomes(string order, Func<Story, bool> condition) =>
        Eventually.Is(async () => (await Stories()).Single(story => story.Id == order), condition, Patience);

    /// <summary>Waits until all orders are at their end, in all three services.</summary>
    public Task<IReadOnlyList<Story>> AllEnd() =>
        Eventually.Is(Stories, stories => stories.All(story => story.IsAtItsEnd), Patience);

    /// <summary>Waits until the service of orders has put so many messages aside, for a person to look at.</summary>
    public Task<int> Refuses(int messages) => Eventually.Is(
        () => _http.GetFromJsonAsync<int>(new Uri(_programs["orders"].Address, "/parked")), parked => parked == messages, Patience);

    /// <summary>Kills all three and reads what they have written.</summary>
    public async Task<CompanyBooks> Close()
    {
        await Kill(Services);
        var logs = new List<ChaosLog>();
        foreach (var name in Services)
            logs.Add(await ChaosLog.Read<Trade>(new ChaosStore(name, FileOf(name), null)));
        return new CompanyBooks(logs[0], logs[1], logs[2]);
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
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private async Task<IReadOnlyList<Story>> Stories()
    {
        var orders = await LastOf("orders", "order-");
        var reservations = await LastOf("inventory", "reservation-");
        var payments = await LastOf("payments", "payment-");
        return
        [
            .. orders.Keys.Select(id => new Story(id, orders[id], reservations.GetValueOrDefault(id), payments.GetValueOrDefault(id))),
        ];
    }

    /// <summary>The last event of each stream of a kind; of none where the service is away.</summary>
    private async Task<Dictionary<string, string>> LastOf(string service, string prefix)
    {
        try
        {
            var log = await _http.GetFromJsonAsync<JsonArray>(new Uri(_programs[service].Address, "/log"));
            return log!.Select(one => (Stream: one!["stream"]!.GetValue<string>(), Type: one["type"]!.GetValue<string>()))
                .Where(one => one.Stream.StartsWith(prefix, StringComparison.Ordinal))
                .GroupBy(one => one.Stream[prefix.Length..])
                .ToDictionary(stream => stream.Key, stream => stream.Last().Type);
        }
        catch (HttpRequestException)
        {
            return [];
        }
    }
}
