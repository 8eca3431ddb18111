using System.Text;
using Millrace.Tests.Erasing;
using Millrace.Tests.Retention;

namespace Millrace.Tests.Protection;

/// <summary>Tests that documents of tenants are encrypted again, in a shared store and in separate stores.</summary>
public sealed class TenantReencryptionTests
{
    private readonly PeopleKeys _keys = new();

    [Theory]
    [MemberData(nameof(TenantTestStore.All), MemberType = typeof(TenantTestStore))]
    public async Task Documents_of_tenants_are_encrypted_again(TenantStorageKind kind)
    {
        using var store = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(store, configure: millrace =>
            PeopleApp.Add(millrace.AddModel(People.Register), _keys));
        foreach (var tenant in new[] { "acme", "zeta" })
        {
            await using var scope = await app.Enter(tenant);
            await RetentionSample.GivenDocument(
                scope.Store, "snapshots", "person-1", $$"""{"schemaVersion":1,"state":"{{tenant}}"}""");
        }
        var options = new KeyOptions { MasterKey = _keys.Master };
        var keys = DataKeys.Of(_keys.Store, options);
        foreach (var record in await keys.List(new KeyQuery()))
            await keys.Replace(record.Owner);

        var rewritten = 0L;
        if (store.IsShared)
        {
            await using var shared = await store.OpenSharedStore();
            rewritten = await Reencrypt(new KeyMaintenance(shared, keys));
        }
        else
        {
            foreach (var tenant in new[] { "acme", "zeta" })
            {
                await using var scope = await app.Enter(tenant);
                rewritten += await Reencrypt(new KeyMaintenance(scope.Store, keys));
            }
        }

        Assert.Equal(2, rewritten);
        foreach (var tenant in new[] { "acme", "zeta" })
        {
            await using var scope = await app.Enter(tenant);
            var document = await scope.Store.Storage.Documents.Get("snapshots", "person-1", default);
            Assert.Contains(tenant, Encoding.UTF8.GetString(document!.Body.Span), StringComparison.Ordinal);
        }
    }

    private static async Task<long> Reencrypt(KeyMaintenance maintenance)
    {
        var result = await maintenance.Reencrypt(new ReencryptionRequest("ann", "stolen laptop"));
        Assert.Equal(0, result.Remaining);
        Assert.Empty((await maintenance.Verify()).Replaced);
        return result.Rewritten;
    }
}
