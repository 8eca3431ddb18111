using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Sqlite;
using Millrace.Storage;

namespace Commerce.Tests.Trust;

/// <summary>Tests the orders of a version of the shop that encrypted nothing and did not name their customer.</summary>
public sealed class OldEventsTests : IAsyncLifetime, IDisposable
{
    private const string Text = "moves to Quillfeather";
    private const string Customer = "6f1c2a3e-4b5d-4c6e-8f70-112233445566";
    private const string Order = "7f1c2a3e-4b5d-4c6e-8f70-112233445566";

    private readonly TemporaryDirectory _data = new();
    private readonly HttpClient _http = new();
    private WebApplication? _app;
    private long _letter;

    public async Task InitializeAsync()
    {
        var options = new ShopOptions { Data = _data.Path, Simulates = false };
        await GivenOldStore(options.StoreFile);
        _letter = await GivenOldDeadLetter(options.StoreFile);
        _app = ShopApplication.Create(options, port: 0);
        await _app.StartAsync();
        _http.BaseAddress = new Uri(_app.Urls.First());
    }

    public async Task DisposeAsync() => await _app!.DisposeAsync(); // InitializeAsync starts it.

    public void Dispose()
    {
        _http.Dispose();
        _data.Dispose();
    }

    [Fact]
    public async Task A_role_without_the_right_does_not_see_their_values_and_the_staff_does()
    {
        string[] paths =
        [
            $"/millrace/streams?stream=order-{Order}", $"/millrace/why?stream=order-{Order}",
            $"/millrace/at?stream=order-{Order}", $"/millrace/streams?stream=customer-{Customer}",
            $"/millrace/dead-letters/{_letter}", "/millrace/dead-letters?consumer=mail-of-old",
        ];

        await Staff.SignIn(_http, _http.BaseAddress!, "operator");
        foreach (var path in paths)
        {
            var hidden = await _http.GetStringAsync(path);
            Assert.DoesNotContain(Text, hidden, StringComparison.Ordinal);
            Assert.DoesNotContain("ada-of-old", hidden, StringComparison.Ordinal);
        }

        await Staff.SignIn(_http, _http.BaseAddress!);
        Assert.Contains(Text, await _http.GetStringAsync(paths[0]), StringComparison.Ordinal);
        Assert.Contains(Text, await _http.GetStringAsync(paths[4]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task They_belong_to_the_customer_of_the_order_and_no_other_certificate_is_affected()
    {
        await Staff.SignIn(_http, _http.BaseAddress!);
        var created = await RunningShop.Json(await _http.PostAsJsonAsync(
            "/api/customers", new { username = "bob-smith-jones", email = "bob.smith@example.com" }));

        var other = await RunningShop.Json(await Erase(created["customerId"]!.GetValue<string>()));
        var own = await RunningShop.Json(await Erase(Customer));

        Assert.Equal("complete", other["certificate"]!["result"]!.GetValue<string>());
        Assert.Equal("incomplete", own["certificate"]!["result"]!.GetValue<string>());
        var findings = own["certificate"]!["verified"]!.AsArray()
            .SelectMany(place => place!["findings"]!.AsArray().Select(finding => finding!.GetValue<string>()));
        Assert.Equal(3, findings.Count(text => text.EndsWith("is not encrypted", StringComparison.Ordinal)));
    }

    private Task<HttpResponseMessage> Erase(string customer) =>
        _http.PostAsJsonAsync($"/api/customers/{customer}/erasure", new { reason = "asked by letter" });

    /// <summary>Stores a dead letter whose edit is not encrypted, and returns its number.</summary>
    private static async Task<long> GivenOldDeadLetter(string file)
    {
        await using var storage = new SqliteStorage(file);
        await storage.Open(default);
        var letter = new DeadLetter
        {
            Consumer = "mail-of-old",
            Position = 3,
            Key = Order,
            Stream = new StreamId($"order-{Order}"),
            Version = 2,
            EventType = "order.cancelled",
            EventId = Guid.CreateVersion7(),
            State = DeadLetterState.Parked,
            EditedPayload = Encoding.UTF8.GetBytes($$"""{"order":"{{Order}}","reason":"{{Text}}"}"""),
        };
        var request = new CommitRequest { DeadLetters = [new DeadLetterChange(letter)] };
        await storage.Log.Commit([request], DateTimeOffset.UtcNow, default);
        return Assert.Single(await storage.DeadLetters.List(new DeadLetterQuery(), default)).Id;
    }

    private static async Task GivenOldStore(string file)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace => millrace.UseSqlite(file));
        using var old = builder.Build();
        await old.StartAsync();
        var store = old.Services.GetRequiredService<EventStore>();
        const string Time = "\"occurredAt\":\"2026-01-01T00:00:00+00:00\"";
        await Append($"customer-{Customer}", "customer.registered",
            $$"""{"customer":"{{Customer}}","username":"ada-of-old","email":"ada@old.example",{{Time}}}""");
        await Append($"order-{Order}", "order.created",
            $$"""
            {"order":"{{Order}}","number":"W1","customer":"{{Customer}}","buyer":"ada-of-old","address":{"street":"1",
            "city":"Rochdale","state":"L","postalCode":"1","country":"Ireland"},{{Time}}}
            """);
        await Append($"order-{Order}", "order.cancelled",
            $$"""
            {"order":"{{Order}}","reason":"{{Text}}","cancelledBy":"customer","previousStatus":"draft",{{Time}}}
            """);
        await old.StopAsync();

        Task<AppendResult> Append(string stream, string type, string json) => store.Append(
            new StreamId(stream), ExpectedVersion.Any, [NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json))]);
    }
}
