namespace Millrace.Tests.Erasing;

/// <summary>Tests claims whose values are stored as keyed hashes, and their release by an erasure.</summary>
public sealed class ErasedClaimTests
{
    private const string Email = "ada.marker@example.org";
    private const string Scope = "person-email";

    private readonly PeopleKeys _keys = new();

    [Theory]
    [StoreKinds]
    public async Task A_claimed_value_is_stored_as_a_hash_and_is_still_unique(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await Start(shared);
        await app.Store.Append(new AppendRequest().With(Claim.Acquire(Scope, Email, "1")));
        await app.Store.Append(new AppendRequest().With(Claim.Acquire("plain", "x", "1")));

        var taken = await Assert.ThrowsAsync<ClaimTakenException>(
            () => app.Store.Append(new AppendRequest().With(Claim.Acquire(Scope, Email, "2"))));

        Assert.Equal((Scope, "1"), (taken.Scope, taken.Owner));
        Assert.DoesNotContain("marker", taken.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal("1", await app.Store.FindClaim(Scope, Email));
        Assert.Null(await app.Store.FindClaim(Scope, "other"));
        var stored = await app.Store.Stored.Storage.Log.ListClaims(Scope, null, 10, default);
        Assert.Matches(@"^\$h1:[A-Za-z0-9_-]{22}$", Assert.Single(stored!).Value);
        var plain = await app.Store.Stored.Storage.Log.ListClaims("plain", null, 10, default);
        Assert.Equal("x", Assert.Single(plain!).Value);
        await app.Store.Append(new AppendRequest().With(Claim.Release(Scope, Email, "1")));
        await app.Store.Append(new AppendRequest().With(Claim.Acquire(Scope, Email, "2")));
        Assert.Equal("2", await app.Store.FindClaim(Scope, Email));
    }

    [Theory]
    [StoreKinds]
    public async Task An_erasure_releases_the_claims_of_the_person_only(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var app = await Start(shared);
        await app.Register(1, "AdaLovelaceKing18151210");
        await app.Store.Append(new AppendRequest()
            .With(Claim.Acquire(Scope, Email, "1"))
            .With(Claim.Acquire(Scope, "by name", "person-1"))
            .With(Claim.Acquire(Scope, "of another", "11"))
            .With(Claim.Acquire("secret-code", "code", "1")));

        var info = await PeopleApp.Erase(app.Erasures, "e1", 1);

        Assert.Empty(info.Verified.SelectMany(place => place.Findings.Select(one => $"{place.Name}: {one}")));
        Assert.Equal(2, info.Copies.Single(place => place.Name == "claims").Changed);
        Assert.Equal(1, info.Verified.Single(place => place.Name == "claims").Rows);
        Assert.Null(await app.Store.FindClaim(Scope, Email));
        Assert.Null(await app.Store.FindClaim(Scope, "by name"));
        Assert.Equal("11", await app.Store.FindClaim(Scope, "of another"));
        Assert.Equal("1", await app.Store.FindClaim("secret-code", "code"));
    }

    [Fact]
    public async Task Claims_of_another_kind_of_data_are_not_released()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        await using var app = await Start(shared);
        await app.Register(1, "AdaLovelaceKing18151210");
        await app.Store.Append(new AppendRequest().With(Claim.Acquire(Scope, Email, "1")));

        await app.Erasures.Request(
            new ErasureRequest("e1", "person-1", "asked by letter", "officer") { Kinds = ["contact"] });
        await app.Erasures.Approve("e1", "lawyer");
        await app.Erasures.CarryOut("e1");

        Assert.Equal("1", await app.Store.FindClaim(Scope, Email));
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task Tenants_have_their_own_hashes(TenantStorageKind kind)
    {
        using var store = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(store, configure: millrace =>
            PeopleApp.Add(millrace.AddModel(People.Register).AddModel(Protect), _keys));
        var hashes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tenant in new[] { "acme", "zeta" })
        {
            await using var scope = await app.Enter(tenant);
            await scope.Store.Append(new AppendRequest().With(Claim.Acquire(Scope, Email, "1")));
            Assert.Equal("1", await scope.Store.FindClaim(Scope, Email));
            var stored = await scope.Store.Stored.Storage.Log.ListClaims(Scope, null, 10, default);
            Assert.True(hashes.Add(Assert.Single(stored!).Value));
        }
    }

    private static void Protect(ModelBuilder model) =>
        model.ProtectClaims(Scope, "person").ProtectClaims("secret-code", kind: "secret");

    private Task<PeopleApp> Start(SharedStore shared) =>
        PeopleApp.Start(millrace => millrace.UseStorage(_ => shared.Open()).AddModel(Protect), _keys);
}
