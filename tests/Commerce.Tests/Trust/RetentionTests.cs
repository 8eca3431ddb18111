using Commerce.Customers;
using Commerce.OlderBooks;
using Commerce.Orders;
using Commerce.Tests.Fulfilments;
using Commerce.Trust;
using Microsoft.Extensions.DependencyInjection;

namespace Commerce.Tests.Trust;

/// <summary>Tests what the policies of the shop remove after months and years, and what they keep.</summary>
public sealed class RetentionTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    private readonly TemporaryDirectory _secrets = new();
    private readonly Dictionary<string, string> _streams = [];
    private FulfilmentHost _shop = null!; // Set by InitializeAsync.

    private EventStore Store => _shop.Host.Store;

    private RetentionService Retention => _shop.Host.Services.GetRequiredService<RetentionService>();

    public async Task InitializeAsync()
    {
        _shop = await FulfilmentHost.Start(millrace =>
        {
            millrace.UseErasures(new ShopSecrets(_secrets.Path)).UseRetention();
            millrace.Services.PostConfigure<RetentionOptions>(options => options.Schedule = null);
        });
        var mug = await _shop.GivenProduct(100);
        _streams["draft"] = $"order-{await _shop.GivenOrder("Ireland", (mug, 1))}";
        _streams["placed"] = $"order-{await _shop.CheckedOut((mug, 1))}";
        _shop.FakeBank.Answer = _ => null;
        var cancelled = await _shop.CheckedOut((mug, 1));
        await _shop.Do(new CancelOrder(cancelled, "changed my mind"));
        _streams["cancelled"] = $"order-{cancelled}";
        var idle = new RegisterCustomer(
            Username.From("idle-customer"), Email.From("idle@example.com"), CustomerId.New());
        await _shop.Do(idle);
        _streams["idle"] = $"customer-{idle.Customer}";
        var known = CustomerId.New();
        await _shop.Do(new TakeOverCustomer(known, "12345", "Ireland", DateTimeOffset.UnixEpoch));
        _streams["taken over"] = $"customer-{known}";
        var line = new SaleLine("SKU-1", "Mug", 1, 2.5m);
        var record = new SaleRecord("500001", SaleKind.Sale, known, "12345", "Ireland", [line], 1);
        await _shop.Do(new TakeOverSale(OrderId.OfNumber("500001"), record, DateTimeOffset.UnixEpoch));
        _streams["sale"] = $"order-{OrderId.OfNumber("500001")}";
    }

    public async Task DisposeAsync() => await _shop.DisposeAsync();

    public void Dispose() => _secrets.Dispose();

    [Fact]
    public async Task After_a_month_only_drafts_go_and_after_three_years_customers_without_an_order_are_erased()
    {
        await Wait(TimeSpan.FromDays(29));
        var early = await Retention.Plan();
        await Wait(TimeSpan.FromDays(2));
        var month = await Run();
        var kept = await Existing();
        await Wait(TimeSpan.FromDays(3 * 366));
        var years = await Run();

        Assert.Equal((0, 0), (early.Events, early.Results.Sum(result => result.ErasedSubjects)));
        Assert.Equal((1, 0), (month.Streams, month.Results.Sum(result => result.ErasedSubjects)));
        Assert.Equal(["cancelled", "idle", "placed", "sale", "taken over"], kept);
        Assert.Equal(kept, await Existing());
        // The customers of the draft and without an order.
        Assert.Equal((0, 2), (years.Streams, years.Results.Sum(result => result.ErasedSubjects)));
        Assert.Contains(await ErasedSubjects(), subject => subject == _streams["idle"]);
        Assert.DoesNotContain(await ErasedSubjects(), subject => subject == _streams["taken over"]);
    }

    /// <summary>
    /// Lets time pass, and waits until all consumers have stored that they have read all events. The clock jumps,
    /// because it would stop at each poll of the consumers otherwise, millions of times in three years.
    /// </summary>
    private async Task Wait(TimeSpan time)
    {
        _shop.Time.SetUtcNow(_shop.Time.GetUtcNow() + time);
        _shop.Time.Advance(TimeSpan.Zero); // The consumers wait for timers that are due now.
        await Eventually.Get(
            async () =>
            {
                await _shop.Host.Advance(TimeSpan.FromMinutes(2)); // Longer than the interval of checkpoints.
                return (await Retention.Plan()).Results.SelectMany(result => result.Kept).ToList();
            },
            reasons => !reasons.Exists(kept => kept.Reason.StartsWith("not read", StringComparison.Ordinal)),
            Timeout);
    }

    /// <summary>Runs the policies while the clock advances, because erasures and removals wait for it.</summary>
    private async Task<RetentionRun> Run()
    {
        var run = Retention.Run("clerk");
        await Eventually.Get(
            async () =>
            {
                await _shop.Host.Advance(TimeSpan.FromSeconds(1));
                return run.IsCompleted;
            },
            isCompleted => isCompleted,
            Timeout);
        return await run;
    }

    private async Task<IReadOnlyList<string>> Existing()
    {
        var found = new List<string>();
        foreach (var (name, stream) in _streams.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (await Store.ReadStream(new StreamId(stream)).AnyAsync())
                found.Add(name);
        }
        return found;
    }

    private async Task<IReadOnlyList<string>> ErasedSubjects() =>
        [.. (await _shop.Host.Services.GetRequiredService<Erasures>().List()).Select(one => one.Request.Subject)];
}
