using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Events;
using Millrace.Protection;
using Millrace.Testing;

namespace Millrace.Tests.Erasing;

/// <summary>Tests key stores that are restored while several nodes run, and events that name keys of others.</summary>
public sealed class RestoredKeyTests
{
    private const string Name = "AdaLovelaceKing18151210";
    private const string Scope = "person-email";

    private readonly PeopleKeys _keys = new() { Store = new SwitchedKeyStore(new InMemoryKeyStore()) };

    private SwitchedKeyStore Keys => (SwitchedKeyStore)_keys.Store;

    [Theory]
    [DatabaseKinds]
    public async Task Running_and_restarted_nodes_revive_nothing(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var first = await Start(shared);
        await using var second = await Start(shared);
        await first.Register(1, Name);
        await first.Register(2, "Bob");
        await first.Store.Append(new AppendRequest().With(Claim.Acquire(Scope, Name, "1")));

        await EraseAndRestoreKeys(first, second);

        await AssertErased(first, "3");
        await AssertErased(second, "4");
        await using var restarted = await Start(shared);
        await AssertErased(restarted, "5");
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_second_erasure_reads_the_values_again(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var first = await Start(shared);
        await using var second = await Start(shared);
        await first.Register(1, Name);
        Assert.NotNull(await first.Document(1)); // Now the key of its index exists.

        var (erased, backup) = await EraseAndRestoreKeys(first, second);
        var again = await PeopleApp.Erase(second.Erasures, "e2", 1);
        var unknown = await PeopleApp.Erase(second.Erasures, "e3", 1); // Now the values cannot be read.

        Assert.Equal(
            (ErasureState.Confirmed, ErasureState.Confirmed, ErasureState.Incomplete),
            (erased.State, again.State, unknown.State));
        var records = await backup.List(new KeyQuery { Subject = "person-1" }, default);
        Assert.All(records, static record => Assert.Equal(KeyState.Destroyed, record.State));
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Shared), MemberType = typeof(TenantTestStore))]
    public async Task Keys_of_another_tenant_in_the_event_of_an_erasure_do_not_count(TenantStorageKind kind)
    {
        using var store = await TenantTestStore.Create(kind);
        await using var first = await StartTenants(store);
        await using var second = await StartTenants(store);
        await using var acme = await first.Enter("acme");
        await using var zeta = await second.Enter("zeta");
        await using var other = await second.Enter("acme");
        await zeta.Store.Append(new StreamId("person-1"), ExpectedVersion.Any, [new PersonRegistered(Name, "", 40)]);
        var records = await Keys.List(new KeyQuery { Limit = 100 }, default);

        await Forge(acme.Store, "acme", records.Select(static record => record.Id));

        await Eventually.Get(() => IsRefused(other.Store, "person-9"), static isRefused => isRefused);
        zeta.Store.Stored.ForgetValues(); // The keys in memory have expired.
        Assert.Contains(Name, await TextOf(zeta.Store, "person-1"), StringComparison.Ordinal);
        Assert.False(await IsRefused(zeta.Store, "person-1"));
        Assert.False(await IsRefused(zeta.Store, "person-9"));
        Assert.Equal(["person-1", "person-9"], await FindMissing(store));
        await PeopleApp.Erase(zeta.Services.GetRequiredService<Erasures>(), "e1", 1);
        Assert.Equal(["person-9"], await FindMissing(store));
    }

    private static async Task AssertErased(PeopleApp node, string owner)
    {
        node.Store.Stored.ForgetValues(); // The keys in memory have expired.
        Assert.DoesNotContain(Name, await TextOf(node.Store, "person-1"), StringComparison.Ordinal);
        Assert.Contains("Bob", await TextOf(node.Store, "person-2"), StringComparison.Ordinal);
        var export = await node.Erasures.Export("person-1");
        Assert.DoesNotContain(Name, export.Html, StringComparison.Ordinal);
        Assert.True(await IsRefused(node.Store, "person-1"));
        Assert.Null(await node.Store.FindClaim(Scope, Name));
        await node.Store.Append(new AppendRequest().With(Claim.Acquire(Scope, Name, owner)));
        await node.Store.Append(new AppendRequest().With(Claim.Release(Scope, Name, owner)));
    }

    private static async Task<bool> IsRefused(EventStore store, string stream)
    {
        try
        {
            await store.Append(new StreamId(stream), ExpectedVersion.Any, [new PersonRegistered("New", "", 1)]);
            return false;
        }
        catch (SubjectErasedException)
        {
            return true;
        }
    }

    private static async Task<string> TextOf(EventStore store, string stream)
    {
        await foreach (var recorded in store.ReadStream(new StreamId(stream)))
            return Encoding.UTF8.GetString(recorded.Payload.Span);
        return "";
    }

    /// <summary>Writes a whole erasure as an import does.</summary>
    private static Task<AppendResult> Forge(EventStore store, string tenant, IEnumerable<string> ids)
    {
        var list = string.Join(',', ids.Select(static id => $"\"{id}\""));
        NewEvent[] events =
        [
            EventOf(ErasureEvents.Requested, """{"subject":"person-9"}"""),
            EventOf(ErasureEvents.Approved, "{}"),
            EventOf(ErasureEvents.Started, """{"subject":"person-9"}"""),
            EventOf(
                ErasureEvents.KeysDestroyed,
                $$"""{"tenant":"{{tenant}}","subject":"person-9","kinds":[],"keyIds":[{{list}}]}"""),
        ];
        var request = new AppendRequest { CopiesReservedEvents = true };
        return store.Append(request.To(new StreamId("$erasure-x"), ExpectedVersion.Any, events));
    }

    private static NewEvent EventOf(string type, string json) => NewEvent.FromBytes(type, Encoding.UTF8.GetBytes(json));

    /// <summary>Returns the subjects whose keys a tool misses in an empty key store.</summary>
    private async Task<IEnumerable<string>> FindMissing(TenantTestStore store)
    {
        var empty = new SwitchedKeyStore(Keys) { Current = new InMemoryKeyStore() };
        await using var shared = await store.OpenSharedStore();
        var report = await new KeyMaintenance(shared, DataKeys.Of(empty, new KeyOptions { MasterKey = _keys.Master }))
            .Verify();
        var records = await Keys.List(new KeyQuery { Limit = 100 }, default);
        return report.Missing
            .Select(missing => records.Single(record => record.Id == missing.KeyId).Owner.Subject)
            .Distinct()
            .Order(StringComparer.Ordinal);
    }

    /// <summary>Erases the first person, and restores the keys from before after the other node knows it.</summary>
    private async Task<(ErasureInfo Erasure, InMemoryKeyStore Backup)> EraseAndRestoreKeys(
        PeopleApp first, PeopleApp second)
    {
        var backup = await Backup();
        var round = second.Store.Stored.Round;
        var erasure = await PeopleApp.Erase(first.Erasures, "e1", 1);
        await Eventually.Until(() => second.Store.Stored.Round > round);
        Keys.Current = backup;
        return (erasure, backup);
    }

    private async Task<InMemoryKeyStore> Backup()
    {
        var backup = new InMemoryKeyStore();
        foreach (var record in await Keys.List(new KeyQuery { Limit = 100 }, default))
            await backup.Add(record, default);
        return backup;
    }

    private Task<PeopleApp> Start(SharedStore shared) => PeopleApp.Start(
        millrace => millrace
            .UseStorage(_ => shared.Open())
            .AddModel(static model => model.ProtectClaims(Scope, "person")),
        _keys);

    private Task<TenantApp> StartTenants(TenantTestStore store) => TenantApp.Start(
        store, configure: millrace => PeopleApp.Add(millrace.AddModel(People.Register), _keys));
}
