using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.Caching.Tests;

/// <summary>Tests that cached answers respect access rights, erasures, tenants and the limit of the memory.</summary>
public sealed class CacheBoundaryTests : IDisposable
{
    private readonly ShopFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Each_caller_is_checked_and_gets_only_its_own_members_of_a_cached_answer()
    {
        await using var node = await Node.Start(_file.Open(), configure: millrace => millrace
            .AddAccessControl(access => access
                .Role("manager", role => role.MayAsk<GetParcel>().MayView<Parcel>())
                .Role("clerk", role => role.MayAsk<GetParcel>().MayView<Parcel>(masking: [nameof(Parcel.Place)]))
                .Role("guest", _ => { })));
        var moved = await node.Move("1", "hall");
        var manager = await node.Ask(new GetParcel("1"), moved, User("ann", "manager"));

        var clerk = await node.Ask(new GetParcel("1"), moved, User("ben", "clerk"));
        var again = await node.Ask(new GetParcel("1"), moved, User("ann", "manager"));

        Assert.Equal((AnswerSource.ProcessCache, AnswerSource.ProcessCache), (clerk.Source, again.Source));
        Assert.NotEqual("hall", clerk.Value?.Place);
        Assert.Equal(("hall", "hall"), (manager.Value?.Place, again.Value?.Place));
        await Assert.ThrowsAsync<AccessDeniedException>(
            () => node.Ask(new GetParcel("1"), moved, User("eve", "guest")));
    }

    [Fact]
    public async Task An_erasure_invalidates_cached_answers()
    {
        // The nodes of all tests share the keys, so no other test has this recipient.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var pem = key.ExportPkcs8PrivateKeyPem();
        await using var node = await Node.Start(
            _file.Open(), configure: millrace => millrace.AddErasures(options => options.PrivateKeyPem = pem));
        var named = await node.Append("parcel-1", new RecipientNamed("erased", "Ada Lovelace"));
        Assert.Equal("Ada Lovelace", (await node.Ask(new GetRecipient("erased"), named)).Value);
        var erasures = node.Services.GetRequiredService<Erasures>();

        await erasures.Request(new ErasureRequest("one", "recipient-erased", "asked", "ann"));
        await erasures.Approve("one", "ben");
        await erasures.CarryOut("one");

        await Eventually.Get(() => node.Ask(new GetRecipient("erased")), answer => answer.Value != "Ada Lovelace");
    }

    [Fact]
    public async Task Tenants_do_not_share_answers()
    {
        await using var node = await Node.Start(_file.Open(), configure: millrace => millrace.WithTenants());
        var tenants = node.Services.GetRequiredService<Tenants>();

        foreach (var (name, place) in new[] { ("acme", "hall"), ("bond", "ship") })
        {
            await tenants.Create(new TenantId(name));
            await using var tenant = await tenants.Enter(new TenantId(name));
            var store = tenant.Services.GetRequiredService<EventStore>();
            var moved = await store.Append(
                new StreamId("parcel-1"), ExpectedVersion.Any, [new ParcelMoved("1", place)]);
            var queries = tenant.Services.GetRequiredService<IQueryBus>();
            var options = new AskOptions { After = moved.Token, Wait = Node.WaitTimeout };
            var first = await queries.Ask(new GetParcel("1"), options);
            var second = await queries.Ask(new GetParcel("1"), options);

            Assert.Equal((place, AnswerSource.Handler), (first.Value?.Place, first.Source));
            Assert.Equal((place, AnswerSource.ProcessCache), (second.Value?.Place, second.Source));
        }
    }

    [Fact]
    public async Task Answers_of_a_closed_tenant_do_not_remain_in_memory()
    {
        await using var node = await Node.Start(
            _file.Open(), configure: millrace => millrace.WithTenants(options => options.MaxOpen = 1));
        var tenants = node.Services.GetRequiredService<Tenants>();
        await AskIn(tenants, "acme");
        var before = node.CountEntries();

        await AskIn(tenants, "bond"); // Closes the other tenant, which an erasure on this node would not reach.

        Assert.Equal((1, 1), (before, node.CountEntries()));
    }

    [Fact]
    public async Task Answers_do_not_remain_in_memory_if_the_removal_of_a_tenant_fails()
    {
        await using var node = await Node.Start(_file.Open(), configure: millrace => millrace.WithTenants());
        var tenants = node.Services.GetRequiredService<Tenants>();
        await AskIn(tenants, "acme");
        await AskIn(tenants, "bond"); // All answers are removed, also those of other tenants.

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => tenants.Remove(new TenantId("acme"), new CancellationToken(canceled: true)).AsTask());

        Assert.Equal(0, node.CountEntries());
    }

    [Fact]
    public async Task Answers_of_a_removed_tenant_do_not_remain_in_memory()
    {
        await using var node = await Node.Start(_file.Open(), configure: millrace => millrace.WithTenants());
        var tenants = node.Services.GetRequiredService<Tenants>();
        await AskIn(tenants, "acme");
        var before = node.CountEntries();

        await tenants.Remove(new TenantId("acme"));

        Assert.Equal((1, 0), (before, node.CountEntries()));
    }

    [Fact]
    public async Task The_memory_is_limited_and_its_use_is_measured()
    {
        var measured = new ConcurrentDictionary<string, double>(StringComparer.Ordinal);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Name.StartsWith("millrace.cache.", StringComparison.Ordinal))
                listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var name = $"{instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => tag.Value))}".Trim();
            if (instrument.IsObservable)
                measured[name] = Math.Max(measured.GetValueOrDefault(name), value);
            else
                measured.AddOrUpdate(name, value, (_, sum) => sum + value);
        });
        listener.Start();
        await using var node = await Node.Start(_file.Open(), options: all => all.MaxBytes = 64 * 1024);
        await node.Ask(new GetParcel("1"), await node.Move("1", "hall"));
        await node.AskUntilCached(new GetParcel("1"));

        var i = 0;
        await Eventually.Get(
            async () =>
            {
                await node.Ask(new GetParcel($"{i++ % 1_000}"));
                return measured.GetValueOrDefault("millrace.cache.evictions capacity");
            },
            evictions => evictions > 0,
            Node.WaitTimeout);
        listener.RecordObservableInstruments();

        Assert.NotEqual(0, measured["millrace.cache.answers get-parcel process"]);
        Assert.NotEqual(0, measured["millrace.cache.answers get-parcel miss"]);
        Assert.NotEqual(0, measured["millrace.cache.invalidations"]);
        Assert.NotEqual(0, measured["millrace.cache.entries"]);
        Assert.NotEqual(0, measured["millrace.cache.size"]);
    }

    /// <summary>Creates a tenant, and caches an answer in it.</summary>
    private static async Task AskIn(Tenants tenants, string name)
    {
        await tenants.Create(new TenantId(name));
        await using var tenant = await tenants.Enter(new TenantId(name));
        var store = tenant.Services.GetRequiredService<EventStore>();
        var moved = await store.Append(
            new StreamId("parcel-1"), ExpectedVersion.Any, [new ParcelMoved("1", "hall")]);
        await tenant.Services
            .GetRequiredService<IQueryBus>()
            .Ask(new GetParcel("1"), new AskOptions { After = moved.Token, Wait = Node.WaitTimeout });
    }

    private static ClaimsPrincipal User(string id, params string[] roles) => new(new ClaimsIdentity(
        [new System.Security.Claims.Claim("sub", id), .. roles.Select(RoleClaim)], "test"));

    private static System.Security.Claims.Claim RoleClaim(string role) => new("role", role);
}
