using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Testing;

namespace Millrace.Tests.Auditing;

/// <summary>Tests that the events of every tenant are sealed, proven and protected against changes.</summary>
public sealed class TenantSealTests : IDisposable
{
    private const string Stream = "ship-ada";

    private static readonly string[] Names = ["acme", "zoo"];

    private readonly SealKeys _keys = new();

    public void Dispose() => _keys.Dispose();

    [Theory]
    [MemberData(nameof(TenantTestStore.Sql), MemberType = typeof(TenantTestStore))]
    public async Task The_events_of_each_tenant_are_sealed_anchored_and_proven(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        var positions = await Fill(testStore);

        foreach (var tenant in Names)
        {
            await using var store = await Open(testStore, tenant);
            var report = await new LogSeals(store).Verify(Evidence(testStore, tenant));
            var proof = await new LogSeals(store).Prove(positions[tenant]);

            Assert.Equal([], report.Findings);
            Assert.Equal((report.Seals, report.SealedThrough), (report.Anchors, report.AnchoredThrough));
            Assert.InRange(positions[tenant], 1, report.SealedThrough);
            Assert.Equal(positions[tenant], proof.Position);
            Assert.Contains("ada", LeafOf(proof), StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Sql), MemberType = typeof(TenantTestStore))]
    public async Task A_changed_event_of_any_tenant_is_detected(TenantStorageKind kind)
    {
        foreach (var tenant in Names)
        {
            using var testStore = await TenantTestStore.Create(kind);
            var positions = await Fill(testStore);

            await testStore.ReplaceFirstPayload(tenant, Stream);

            foreach (var other in Names)
            {
                await using var store = await Open(testStore, other);
                var report = await new LogSeals(store).Verify(Evidence(testStore, other));
                if (other == tenant || testStore.IsShared)
                    Assert.Contains(
                        report.Findings,
                        finding => finding.Kind == SealFindingKind.EventChanged
                            && finding.Position == positions[tenant]);
                else
                    Assert.Equal([], report.Findings);
            }
            File.Delete(_keys.Anchors);
            foreach (var other in Names)
                File.Delete(AnchorsOf(other));
        }
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Sql), MemberType = typeof(TenantTestStore))]
    public async Task A_removed_tenant_of_a_shared_store_leaves_a_sound_log(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        if (!testStore.IsShared)
            return;
        await using (var app = await Start(testStore))
        {
            foreach (var tenant in Names)
                await app.Append(tenant, "ada", new Loaded("ada", 4));
            await WaitUntilSealed(testStore, "zoo");
            Assert.True(await app.Tenants.Remove(new TenantId("acme")));
            await app.Append("zoo", "eve", new Loaded("eve", 5));
            await WaitUntilSealed(testStore, "zoo");
        }

        await using var store = await Open(testStore, "zoo");
        var report = await new LogSeals(store).Verify(Evidence(testStore, "zoo"));

        Assert.Equal([], report.Findings);
        Assert.True(report.RemovedEvents > 0);
    }

    [Fact]
    public async Task An_idle_tenant_is_closed_only_after_its_events_are_sealed()
    {
        using var testStore = await TenantTestStore.Create(TenantStorageKind.FileEach);
        await using var app = await TenantApp.Start(
            testStore,
            static tenants => (tenants.IdleAfter, tenants.VisitEvery) = (TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            millrace => AddSeals(testStore, millrace, TimeSpan.FromSeconds(3)));
        await app.Append("acme", "ada", new Loaded("ada", 4));
        await WaitUntilSealed(testStore, "acme");

        await app.Append("acme", "ada", new Unloaded("ada", 1));

        await WaitUntilSealed(testStore, "acme");
    }

    [Theory]
    [MemberData(nameof(TenantTestStore.Sql), MemberType = typeof(TenantTestStore))]
    public async Task Each_tenant_has_its_own_audit_trail(TenantStorageKind kind)
    {
        using var testStore = await TenantTestStore.Create(kind);
        await using var app = await TenantApp.Start(testStore, configure: static millrace => millrace.AddAudit());
        await using var acme = await app.Enter("acme");
        await using var zoo = await app.Enter("zoo");

        await acme.Services.GetRequiredService<IAuditTrail>()
            .Record(new AuditEntry("dock.closed", "dock-1", AuditResult.Succeeded), default);

        Assert.Equal(["configuration.changed", "dock.closed"], await Actions(acme));
        Assert.Equal(["configuration.changed"], await Actions(zoo));
    }

    private static string LeafOf(InclusionProof proof)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
            proof.WriteTo(writer);
        var leaf = JsonElement.Parse(Encoding.UTF8.GetString(buffer.WrittenSpan)).GetProperty("leaf");
        return Encoding.UTF8.GetString(leaf.GetBytesFromBase64());
    }

    private static async Task<List<string>> Actions(TenantScope scope) => await scope.Services
        .GetRequiredService<IAuditTrail>()
        .Read(new AuditQuery())
        .Select(static entry => entry.Action)
        .ToListAsync();

    private static Task<EventStore> Open(TenantTestStore testStore, string tenant) => EventStore.Open(
        testStore.WholeStorageOf(tenant), EventTypeMap.Empty, new StoreOptions { ReadsWithoutKeys = true });

    /// <summary>Appends events to both tenants until they are sealed. Returns the positions of first events.</summary>
    private async Task<Dictionary<string, long>> Fill(TenantTestStore testStore)
    {
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        await using var app = await Start(testStore);
        foreach (var tenant in Names)
        {
            positions[tenant] = (await app.Append(tenant, "ada", new Loaded("ada", 4))).Position;
            await app.Append(tenant, "ada", new Unloaded("ada", 1), new Unloaded("ada", 2));
        }
        foreach (var tenant in Names)
            await WaitUntilSealed(testStore, tenant);
        return positions;
    }

    private Task<TenantApp> Start(TenantTestStore testStore) => TenantApp.Start(
        testStore, configure: millrace => AddSeals(testStore, millrace, TimeSpan.FromMilliseconds(100)));

    private void AddSeals(TenantTestStore testStore, MillraceBuilder millrace, TimeSpan interval) =>
        millrace.AddSeals(seals =>
        {
            seals.KeyFile = _keys.Key;
            seals.Interval = interval;
            seals.AnchorFile = testStore.IsShared ? _keys.Anchors : AnchorsOf("{tenant}");
        });

    private string AnchorsOf(string tenant) => Path.Combine(_keys.Directory, $"anchors-{tenant}.jsonl");

    private SealEvidence Evidence(TenantTestStore testStore, string tenant) => new()
    {
        KeyFiles = [_keys.PublicKey],
        AnchorFiles = [testStore.IsShared ? _keys.Anchors : AnchorsOf(tenant)],
    };

    /// <summary>Waits until all events but the last seals are sealed, and all seals have anchors.</summary>
    private async Task WaitUntilSealed(TenantTestStore testStore, string tenant)
    {
        await using var store = await Open(testStore, tenant);
        var last = 0L;
        await foreach (var recorded in store.ReadLogBackwards(EventFilter.All))
        {
            if (recorded.Stream.Value == "$seals")
                continue;
            last = recorded.Position;
            break;
        }
        await Eventually.Get(
            async () => (
                Sealed: await new LogSeals(store).FindSealedThrough(default) ?? 0,
                Seals: (await store.GetStream(new StreamId("$seals")))?.Version ?? 0,
                Anchors: CountAnchors(Evidence(testStore, tenant).AnchorFiles[0]),
                Consumers: string.Join("; ", await store.Storage.Leases.List(default))),
            found => found.Sealed >= last && found.Anchors == found.Seals,
            TestNode.WaitTimeout);
    }

    private static long CountAnchors(string file) => File.Exists(file) ? File.ReadLines(file).Count() : 0;
}
