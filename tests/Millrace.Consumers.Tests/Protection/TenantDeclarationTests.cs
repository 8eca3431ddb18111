using Millrace.Storage;
using Millrace.Tests.Erasing;
using Millrace.Tests.Retention;

namespace Millrace.Tests.Protection;

/// <summary>Tests that the declaration of a shared store does not replace that of a tenant.</summary>
public sealed class TenantDeclarationTests
{
    private const string LikeHash = "$h1:AAAAAAAAAAAAAAAAAAAAAA";

    private readonly PeopleKeys _keys = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Marks_of_the_stored_documents_of_a_tenant_need_a_new_version(bool hasProtectedClaims)
    {
        using var store = await TenantTestStore.Create(TenantStorageKind.OneFile);
        await using var before = await TenantApp.Start(store);
        await using var acme = await before.Enter("acme");
        await RetentionSample.GivenDocument(acme.Store, "people@1", "1", """{"id":"1","name":"Ada"}""");
        await using var marked = await Start(store, version: 1);
        if (hasProtectedClaims)
            await Protect(acme.Store, "first");

        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => marked.Enter("acme"));

        Assert.Contains("read model 'people@1' changed", refused.Message, StringComparison.Ordinal);
        await using var after = await Start(store, version: 2);
        await using var scope = await after.Enter("acme");
        await scope.Store.Append(new AppendRequest().With(Claim.Acquire("first", "ada@example.org", "1")));
    }

    [Fact]
    public async Task Each_scope_of_a_tenant_is_protected_separately()
    {
        using var store = await TenantTestStore.Create(TenantStorageKind.OneFile);
        await using var before = await TenantApp.Start(store);
        await using var acme = await before.Enter("acme");
        foreach (var (scope, value) in new[] { ("first", "ada@example.org"), ("second", LikeHash) })
            await acme.Store.Commit(
                new CommitRequest { Claims = [Claim.Acquire(scope, value, "1")], IsAsStored = true }, false, default);
        await using var app = await Start(store, version: 1); // Declares both scopes in the shared log.

        Assert.Equal(1, (await Protect(acme.Store, "first")).Replaced);
        var refused = await Assert.ThrowsAsync<KeyStoreException>(() => app.Enter("acme"));
        Assert.Equal(1, (await Protect(acme.Store, "second")).Replaced);

        Assert.Contains("'second' of the tenant 'acme', but 1", refused.Message, StringComparison.Ordinal);
        var stored = await acme.Store.Stored.Storage.Log.ListClaims("second", null, 10, default);
        Assert.NotEqual(LikeHash, Assert.Single(stored!).Value);
        await using var entered = await app.Enter("acme");
        Assert.Equal("1", await entered.Store.FindClaim("second", LikeHash));
    }

    private Task<ClaimProtectionResult> Protect(EventStore tenant, string scope) =>
        new KeyMaintenance(tenant, DataKeys.Of(_keys.Store, new KeyOptions { MasterKey = _keys.Master }))
            .ProtectClaims(new ClaimProtectionRequest(scope, "ann", "privacy review") { Tenant = "acme" });

    private Task<TenantApp> Start(TenantTestStore store, int version) =>
        TenantApp.Start(store, configure: millrace => millrace
            .UseKeys(_ => _keys.Store, options => options.MasterKey = _keys.Master)
            .AddModel(model => model
                .Event("person.moved", 1, PeopleJson.Default.PersonMoved)
                .Projection(new ProjectionDefinition<string, PersonDocument>
                {
                    Name = "people",
                    Version = version,
                    Events = [typeof(PersonMoved)],
                    Create = static () => new PeopleProjection(),
                    Document = PeopleJson.Default.PersonDocument,
                })
                .ProtectReadModel(
                    "people", new ProtectedMember("/name") { Subject = "/id", SubjectType = "person" })
                .ProtectClaims("first")
                .ProtectClaims("second")));
}
