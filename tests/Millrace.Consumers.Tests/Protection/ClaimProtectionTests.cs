using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Millrace.KeyManagement;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Store;
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
    [StoreKinds]
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

    [Theory]
    [StoreKinds]
    public async Task The_explanation_of_a_claim_compares_its_hash(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var store = await Start(shared, Protect);
        await Append(store, Claim.Acquire(Scope, Email, "1"));

        var taken = await store.ExplainClaim(Scope, Email);
        var free = await store.ExplainClaim(Scope, "zoe@example.org");

        Assert.Equal((1, 0), (taken.Rows, free.Rows));
        Assert.DoesNotContain("marker", taken.ToString(), StringComparison.Ordinal);
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
    [StoreKinds]
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
    [StoreKinds]
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

    /// <summary>Such values are in stores of earlier builds, whose programs did not know the declaration.</summary>
    [Fact]
    public async Task A_plain_claim_of_a_value_with_another_owner_is_reported()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var earlier = await Start(shared);
        await Append(await Start(shared, Protect), Claim.Acquire(Scope, Email, "1"));
        await StorePlain(earlier, Claim.Acquire(Scope, Email, "2"));
        await StorePlain(earlier, Claim.Acquire(Scope, "zoe@example.org", "3"));

        var result = await Maintenance(earlier).ProtectClaims(Request);

        Assert.Equal(1, result.Replaced);
        Assert.Equal(["2"], result.Conflicts);
        await Assert.ThrowsAsync<KeyStoreException>(() => Start(shared, Protect));
        await StorePlain(earlier, Claim.Release(Scope, Email, "2"));
        Assert.Equal("3", await (await Start(shared, Protect)).FindClaim(Scope, "zoe@example.org"));
    }

    [Theory]
    [StoreKinds]
    public async Task A_running_program_cannot_claim_values_of_a_scope_that_was_declared_since(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var running = await Start(shared);
        var tool = await Start(shared, hasKeys: false);
        await Append(running, Claim.Acquire("plain", Email, "1"));
        await Append(await Start(shared, Protect), Claim.Acquire(Scope, Email, "1"));

        foreach (var store in (EventStore[])[running, tool])
        {
            await Assert.ThrowsAsync<ProtectedValueException>(() => Append(store, Claim.Acquire(Scope, Email, "2")));
            await Assert.ThrowsAsync<ProtectedValueException>(() => store.FindClaim(Scope, Email).AsTask());
            await Append(store, Claim.Acquire("plain", Email, "1"));
        }
        var together = await running.TryCommitAll(
            [new CommitRequest { Claims = [Claim.Acquire(Scope, Email, "2")] }], default);
        Assert.IsType<ProtectedValueException>(together[0].Problem);
    }

    [Fact]
    public async Task Claims_of_tenants_that_share_a_store_are_replaced_for_each_tenant()
    {
        using var store = await TenantTestStore.Create(TenantStorageKind.OneFile);
        await using var app = await TenantApp.Start(
            store, configure: millrace => PeopleApp.Add(millrace.AddModel(People.Register), _keys));
        await using var acme = await app.Enter("acme");
        await Append(acme.Store, Claim.Acquire("plain", Email, "1"));
        var keys = DataKeys.Of(_keys.Store, new KeyOptions { MasterKey = _keys.Master });
        await using var shared = await store.OpenSharedStore();

        var refused = await Assert.ThrowsAsync<KeyStoreException>(
            () => new KeyMaintenance(shared, keys).ProtectClaims(Request with { Scope = "plain" }));
        var result = await new KeyMaintenance(acme.Store, keys)
            .ProtectClaims(Request with { Scope = "plain", Tenant = "acme" });

        Assert.Contains("--tenant", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, result.Replaced);
        await Assert.ThrowsAsync<ProtectedValueException>(
            () => Append(acme.Store, Claim.Acquire("plain", Email, "2")));
    }

    [Fact]
    public async Task A_value_that_starts_as_a_hash_cannot_be_claimed()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var store = await Start(shared, hasKeys: false);
        var claim = Claim.Acquire("user-name", "$h1:AAAAAAAAAAAAAAAAAAAAAA", "1");

        var refused = await Assert.ThrowsAsync<ProtectedValueException>(() => Append(store, claim));
        var together = await store.TryCommitAll([new CommitRequest { Claims = [claim] }], default);

        Assert.Contains("starts with $h1:", refused.Message, StringComparison.Ordinal);
        Assert.IsType<ProtectedValueException>(together[0].Problem);
        await Append(store, Claim.Release("user-name", claim.Value, "1"));
    }

    [Theory]
    [StoreKinds]
    public async Task Hashes_of_earlier_builds_remain_valid(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        var before = await Start(shared);
        var earlier = DataKeys.Of(
            _keys.Store, new KeyOptions { MasterKey = _keys.Master }, new EarlierClock());
        var key = await earlier.Ring.GetCurrent(new KeyOwner("", "", IndexKey.ClaimPrefix + Scope), default);
        await StorePlain(before, Claim.Acquire(Scope, BlindHash.Of(key, Scope, FieldKind.Text, Email), "1"));
        await StorePlain(before, Claim.Acquire(Scope, "zoe@example.org", "2"));
        await StorePlain(before, Claim.Acquire(Scope, "anna-maria-winterbergg", "3")); // As long as a hash.
        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Start(shared, Protect));
        Assert.Contains("Hashes of earlier builds remain valid", refused.Message, StringComparison.Ordinal);

        Assert.Equal(3, (await Maintenance(before).ProtectClaims(Request)).Replaced);

        var after = await Start(shared, Protect);
        Assert.Equal("1", await after.FindClaim(Scope, Email));
        Assert.Equal("2", await after.FindClaim(Scope, "zoe@example.org"));
        Assert.Equal("3", await after.FindClaim(Scope, "anna-maria-winterbergg"));
    }

    [Theory]
    [StoreKinds]
    public async Task Plain_values_in_the_form_of_a_hash_are_replaced_before_the_scope_has_hashes(StoreKind kind)
    {
        const string LikeHash = "$h1:AAAAAAAAAAAAAAAAAAAAAA";
        using var shared = await SharedStore.Create(kind);
        var before = await Start(shared);
        foreach (var (value, owner) in new[] { (LikeHash, "1"), ("$h1:x", "2"), ("zoe@example.org", "3") })
            await StorePlain(before, Claim.Acquire(Scope, value, owner));
        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => Start(shared, Protect));
        Assert.Contains("but 3 of them have plain", refused.Message, StringComparison.Ordinal);
        using var cancellation = new CancellationTokenSource();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Maintenance(before).ProtectClaims(Request, new Stop(cancellation), cancellation.Token));
        var continued = await Maintenance(before).ProtectClaims(Request);

        Assert.Equal((0, true), (continued.Replaced, continued.WasContinued));
        Assert.DoesNotContain(LikeHash, await Stored(before));
        var after = await Start(shared, Protect);
        Assert.Equal("1", await after.FindClaim(Scope, LikeHash));
        Assert.Equal("2", await after.FindClaim(Scope, "$h1:x"));
        Assert.Equal("3", await after.FindClaim(Scope, "zoe@example.org"));
    }

    [Fact]
    public async Task A_continued_run_keeps_hashes_that_were_stored_since()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var before = await Start(shared);
        await new ClaimProtectionLog(before).Started(
            new ClaimProtectionNote(Guid.NewGuid(), Scope) { By = "ann", Reason = "review", ValuesLikeHashes = 1 },
            default);
        var app = await Start(shared, Protect);
        await Append(app, Claim.Acquire(Scope, Email, "1"));

        var continued = await Maintenance(before).ProtectClaims(Request);

        Assert.Equal((0, true), (continued.Replaced, continued.WasContinued));
        Assert.Equal("1", await app.FindClaim(Scope, Email));
    }

    [Fact]
    public async Task A_running_program_cannot_find_values_of_a_scope_that_was_declared_since()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var running = await Start(shared);
        Assert.Null(await running.FindClaim(Scope, Email));
        var other = await Start(shared, Protect);
        await Append(other, Claim.Acquire(Scope, Email, "1"));

        await Assert.ThrowsAsync<ProtectedValueException>(() => running.FindClaim(Scope, Email).AsTask());

        Assert.Null(await running.FindClaim("plain", Email));
        Assert.Null(await other.FindClaim(Scope, "zoe@example.org"));
    }

    [Fact]
    public async Task The_key_store_of_a_tenant_is_compared_with_the_declaration_of_the_shared_store()
    {
        using var store = await TenantTestStore.Create(TenantStorageKind.OneFile);
        await using var app = await TenantApp.Start(store);
        await using var acme = await app.Enter("acme");
        await Append(acme.Store, Claim.Acquire(Scope, Email, "1"));
        await using var shared = await store.OpenSharedStore();
        var keys = DataKeys.Of(_keys.Store, new KeyOptions { MasterKey = _keys.Master });
        var request = Request with { Tenant = "acme" };
        await Declare(Guid.NewGuid(), 0);

        var refused = await Assert.ThrowsAsync<KeyStoreException>(
            () => new KeyMaintenance(acme.Store, keys).ProtectClaims(request));
        await Declare((await keys.Ring.Open(default)).Id, 1);
        var result = await new KeyMaintenance(acme.Store, keys).ProtectClaims(request);

        Assert.Contains("was written with the key store", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, result.Replaced);
        var declared = Assert.Single(await acme.Store.ReadStream(new StreamId("$protection")).ToListAsync());
        Assert.Contains(
            "\"claims\":[\"person-email\"]",
            System.Text.Encoding.UTF8.GetString(declared.Payload.Span),
            StringComparison.Ordinal);

        Task Declare(Guid keyStore, long version) => shared.Append(
            ProtectionStartup.RequestOf(ProtectionDeclaration.WithClaims(keyStore, null, "other"), version));
    }

    private static Task<CommitOutcome> StorePlain(EventStore store, Claim claim) =>
        store.Commit(new CommitRequest { Claims = [claim], IsAsStored = true }, false, default);

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

    private sealed class EarlierClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch;
    }

    private sealed class Stop(CancellationTokenSource cancellation) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value) => cancellation.Cancel();
    }
}
