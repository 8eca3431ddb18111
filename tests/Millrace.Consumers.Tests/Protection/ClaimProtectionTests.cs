using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.Storage;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Protection;

/// <summary>Tests the declaration of protected scopes of claims, and the replacement of plain claims.</summary>
public sealed class ClaimProtectionTests : IAsyncLifetime
{
    private const string Scope = "person-email";
    private const string Email = "ada.marker@example.org";

    private static readonly ClaimProtectionRequest Request = new(Scope, "ann", "privacy review");

    private readonly PeopleKeys _keys = new();
    private readonly List<IHost> _nodes = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
        {
            await node.StopAsync();
            node.Dispose();
        }
    }

    [Theory]
    [MemberData(nameof(SharedStore.Kinds), MemberType = typeof(SharedStore))]
    public async Task A_program_that_does_not_protect_a_declared_scope_cannot_claim_its_values(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await Append(await Start(shared, Protect), Claim.Acquire(Scope, Email, "1"));

        var withKeys = await Start(shared);
        var tool = await Start(shared, hasKeys: false);

        foreach (var other in (EventStore[])[withKeys, tool])
        {
            foreach (var claim in (Claim[])[Claim.Acquire(Scope, Email, "2"), Claim.Release(Scope, Email, "1")])
            {
                var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Append(other, claim));
                Assert.Equal(Scope, refused.Type);
                Assert.Contains($"ProtectClaims(\"{Scope}\")", refused.Message, StringComparison.Ordinal);
                Assert.DoesNotContain("marker", refused.Message, StringComparison.OrdinalIgnoreCase);
            }
            await Append(other, Claim.Acquire("plain", Email, "1"));
        }
        Assert.All(await Stored(withKeys), static value => Assert.StartsWith("$h1:", value, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_model_that_only_protects_claims_records_their_scopes_and_keeps_earlier_ones()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await Start(shared, static model => model.ProtectClaims("first"));
        await Start(shared, Protect);
        var store = await Start(shared, Protect);

        var declared = await store.ReadStream(new StreamId("$protection")).ToListAsync();

        Assert.Equal(2, declared.Count);
        Assert.Contains(
            "\"claims\":[\"first\",\"person-email\"]",
            System.Text.Encoding.UTF8.GetString(declared[1].Payload.Span),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(SharedStore.Kinds), MemberType = typeof(SharedStore))]
    public async Task Plain_claims_are_found_at_start_and_unique_after_their_replacement(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var before = await Start(shared);
        await Append(before, Claim.Acquire(Scope, Email, "1"));
        await Append(before, Claim.Acquire(Scope, "zoe@example.org", "2"));
        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Start(shared, Protect));
        Assert.Contains($"'{Scope}', but 2 of them have plain", refused.Message, StringComparison.Ordinal);
        Assert.Contains($"millrace keys protect-claims {Scope}", refused.Message, StringComparison.Ordinal);

        var result = await Maintenance(before).ProtectClaims(Request);

        Assert.Equal((2, false), (result.Replaced, result.WasContinued));
        Assert.Empty(result.Conflicts);
        Assert.DoesNotContain(await Stored(before), static value => value.Contains('@', StringComparison.Ordinal));
        var unprotected = await Start(shared);
        await Assert.ThrowsAsync<ProtectedValueException>(() => Append(unprotected, Claim.Acquire(Scope, Email, "3")));
        var after = await Start(shared, Protect);
        Assert.Equal("1", await after.FindClaim(Scope, Email));
        var taken = await Assert.ThrowsAsync<ClaimTakenException>(
            () => Append(after, Claim.Acquire(Scope, "zoe@example.org", "3")));
        Assert.Equal("2", taken.Owner);
        await Append(after, Claim.Release(Scope, Email, "1"));
        await Append(after, Claim.Acquire(Scope, Email, "3"));
    }

    [Theory]
    [MemberData(nameof(SharedStore.Kinds), MemberType = typeof(SharedStore))]
    public async Task An_interrupted_replacement_is_continued(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var store = await Start(shared);
        var claims = new AppendRequest();
        for (var i = 0; i < 500; i++)
            claims.With(Claim.Acquire(Scope, $"person-{i:D3}@example.org", $"{i}"));
        await store.Append(claims);
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Maintenance(store).ProtectClaims(Request, new Stop(cancellation), cancellation.Token));
        var interrupted = (await Stored(store)).Count(static value => !value.StartsWith('$'));
        await Assert.ThrowsAsync<KeyStoreException>(() => Start(shared, Protect));
        var result = await Maintenance(store).ProtectClaims(Request with { By = "bob" });

        Assert.InRange(interrupted, 1, 499);
        Assert.Equal((interrupted, true), (result.Replaced, result.WasContinued));
        var stored = await Stored(store);
        Assert.Equal((500, 500), (stored.Count, stored.Distinct().Count()));
        var events = await store.ReadStream(new StreamId("$claims")).ToListAsync();
        Assert.Equal(
            ["keys.claim-protection-started", "keys.claim-protection-started", "keys.claim-protection-completed"],
            events.Select(static recorded => recorded.Type));
        Assert.Contains(
            "\"by\":\"bob\"", System.Text.Encoding.UTF8.GetString(events[1].Payload.Span), StringComparison.Ordinal);
        var after = await Start(shared, Protect);
        Assert.Equal("499", await after.FindClaim(Scope, "person-499@example.org"));
    }

    /// <summary>A node that started before the scope was declared could claim a plain value meanwhile.</summary>
    [Fact]
    public async Task A_plain_claim_of_a_value_with_another_owner_is_reported()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var earlier = await Start(shared);
        await Append(await Start(shared, Protect), Claim.Acquire(Scope, Email, "1"));
        await Append(earlier, Claim.Acquire(Scope, Email, "2"));
        await Append(earlier, Claim.Acquire(Scope, "zoe@example.org", "3"));

        var result = await Maintenance(earlier).ProtectClaims(Request);

        Assert.Equal(1, result.Replaced);
        Assert.Equal(["2"], result.Conflicts);
        await Assert.ThrowsAsync<KeyStoreException>(() => Start(shared, Protect));
        await Append(earlier, Claim.Release(Scope, Email, "2"));
        Assert.Equal("3", await (await Start(shared, Protect)).FindClaim(Scope, "zoe@example.org"));
    }

    private static void Protect(ModelBuilder model) => model.ProtectClaims(Scope, "person");

    private static Task<AppendResult> Append(EventStore store, Claim claim) =>
        store.Append(new AppendRequest().With(claim));

    private static async Task<IReadOnlyList<string>> Stored(EventStore store) =>
        [.. (await store.Stored.Storage.Log.ListClaims(Scope, null, 1_000, default))!.Select(static one => one.Value)];

    private KeyMaintenance Maintenance(EventStore store)
    {
        var node = _nodes.Find(node => node.Services.GetRequiredService<EventStore>() == store)!;
        return new(store, node.Services.GetRequiredService<DataKeys>());
    }

    private async Task<EventStore> Start(SharedStore shared, Action<ModelBuilder>? model = null, bool hasKeys = true)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddMillrace(millrace =>
        {
            millrace.UseStorage(_ => shared.Open());
            if (model is not null)
                millrace.AddModel(model);
            if (hasKeys)
                millrace.UseKeys(_ => _keys.Store, options => options.MasterKey = _keys.Master);
        });
        var node = builder.Build();
        _nodes.Add(node);
        await node.StartAsync();
        return node.Services.GetRequiredService<EventStore>();
    }

    private sealed class Stop(CancellationTokenSource cancellation) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value) => cancellation.Cancel();
    }
}
