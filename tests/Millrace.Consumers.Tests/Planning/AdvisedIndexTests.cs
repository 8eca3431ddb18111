using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Storage;
using Millrace.Store;
using Millrace.Testing;
using Npgsql;

namespace Millrace.Tests.Planning;

/// <summary>Tests that advised indexes are built in the background, and removed after interruptions.</summary>
public sealed class AdvisedIndexTests
{
    private const string Index = "idx_orders_customer_status_total";

    private const string Builders = "SELECT coalesce(min(pid), 0)::int8 FROM pg_stat_activity WHERE datname = "
        + "current_database() AND state = 'active' AND query LIKE 'CREATE INDEX CONCURRENTLY%'";

    private static readonly AdvisedIndex CargoIndex = new()
    {
        Name = "idx_cargo_ship_crates",
        ReadModel = "cargo",
        Fields = ["ship", "crates"],
        BuiltAt = DateTimeOffset.UnixEpoch,
    };

    private static readonly DocumentIndex OrderIndex = new(Index, ["customer", "status", "total"]);

    [Theory]
    [DatabaseKinds]
    public async Task A_new_collection_of_a_read_model_gets_the_index_again(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        await new AdvisedIndexStore(store).Put(RecordOf(OrderIndex), CancellationToken.None);
        var rebuilt = OrderSample.Definition with { Name = "orders@1.2" };
        var other = new CollectionDefinition("orders@2", [new FieldDefinition("status", FieldKind.Text)]);
        await store.Storage.Documents.EnsureCollection(rebuilt, CancellationToken.None);
        await store.Storage.Documents.EnsureCollection(other, CancellationToken.None);

        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(store, gate, NullLogger<AdvisedIndexService>.Instance);
        await service.Start(CancellationToken.None);
        store.IndexRequests.Add(other);
        store.IndexRequests.Add(rebuilt);

        var indexes = store.Storage.Planner!.Indexes!; // Both databases have them.
        var built = await Eventually.Get(
            () => indexes.List(rebuilt.Name, CancellationToken.None).AsTask(), static found => found.Count > 0);
        Assert.Equal(OrderIndex, Assert.Single(built));
        Assert.Empty(await indexes.List(other.Name, CancellationToken.None));
        await service.Stop(CancellationToken.None);
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_node_starts_without_waiting_for_a_missing_index(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using (var first = await TestNode.StartCargo(shared.Open()))
            await new AdvisedIndexStore(first.Store).Put(CargoIndex, CancellationToken.None);
        await using var older = await Hold(shared.ConnectionString);

        await using var node = await TestNode.StartCargo(shared.Open()).WaitAsync(TestNode.WaitTimeout);
        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(node.Store, gate, NullLogger<AdvisedIndexService>.Instance);
        await service.Start(CancellationToken.None);
        await node.Append("Elbe", new Loaded("Elbe", 7)); // A build waits for older transactions, appends do not.
        if (older is not null)
            await Eventually.Until(() => service.IsBuilding, TestNode.WaitTimeout);
        await (older?.DisposeAsync() ?? default);

        var indexes = node.Store.Storage.Planner!.Indexes!; // Both databases have them.
        var built = await Eventually.Get(
            () => indexes.List("cargo@1", CancellationToken.None).AsTask(), static found => found.Count > 0);
        Assert.Equal(CargoIndex.Name, Assert.Single(built).Name);
        await service.Stop(CancellationToken.None);
    }

    [Fact]
    public async Task A_damaged_record_of_an_index_is_logged_and_the_service_continues()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var log = new RecordedLog();
        var time = new ManualTimeProvider();
        await using var store = await Open(shared.OpenWithNodeClock(), time);
        var indexes = new AdvisedIndexStore(store);
        await indexes.Put(CargoIndex with { ReadModel = "orders", Fields = ["total"] }, CancellationToken.None);
        await Damage(store, "damaged", "{");
        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(store, gate, new Logger<AdvisedIndexService>(log));
        await service.Start(CancellationToken.None);

        store.IndexRequests.Add(OrderSample.Definition);
        await Eventually.Get(() => Task.FromResult(log.Entries), static entries => entries.Count > 0);
        await indexes.Remove("damaged", CancellationToken.None);
        await Eventually.Get(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(1));
                return store.Storage.Planner!.Indexes!.List(OrderSample.Collection, CancellationToken.None).AsTask();
            },
            static found => found.Count > 0);

        Assert.Contains("'damaged' cannot be read", log.Exceptions[0].Exception.Message, StringComparison.Ordinal);
        await service.Stop(CancellationToken.None);
    }

    [Theory]
    [DatabaseKinds]
    public async Task A_trial_executes_the_remembered_count_beside_the_other_indexes(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        var indexes = store.Storage.Planner!.Indexes!; // Both databases have them.
        for (var i = 0; i < 100; i++)
            store.Shapes.RecordCount(OrderSample.ReadModel, Query.Conditions, 1, TimeSpan.FromMilliseconds(1));
        await new QueryUseStore(store).Write(CancellationToken.None);

        var advice = Assert.Single(await store.Advise(), found => found.Kind == AdviceKind.CreateIndex);
        await indexes.Create(OrderSample.Collection, OrderIndex, CancellationToken.None);
        var beside = await indexes.Try(
            Query with { Collection = OrderSample.Collection, OrderBy = null },
            isCount: true,
            new DocumentIndex("idx_other", ["status", "customer"]),
            CancellationToken.None);

        Assert.Equal((1, 1), (advice.Trial!.Before.Rows, advice.Trial.After.Rows));
        Assert.True(advice.Trial.BuildTime > TimeSpan.Zero);
        Assert.StartsWith(Index, beside.Before.Plan.Index, StringComparison.Ordinal);
    }

    [Theory]
    [DatabaseKinds]
    public async Task An_interrupted_removal_is_continued(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        var indexes = store.Storage.Planner!.Indexes!; // Both databases have them.
        var records = new AdvisedIndexStore(store);
        await records.Put(RecordOf(OrderIndex) with { State = AdvisedIndexState.Removing }, CancellationToken.None);
        Assert.Empty(await records.FindWanted(OrderSample.Definition, CancellationToken.None));

        await indexes.Create(OrderSample.Collection, OrderIndex, CancellationToken.None);
        await store.RemoveAdvisedIndex(Index);
        var remaining = await indexes.List(OrderSample.Collection, CancellationToken.None);
        await indexes.Create(OrderSample.Collection, OrderIndex, CancellationToken.None);
        await store.RemoveAdvisedIndex(Index); // Without a record.

        Assert.Empty(remaining);
        Assert.Empty(await store.ListAdvisedIndexes());
        Assert.Empty(await indexes.List(OrderSample.Collection, CancellationToken.None));
        foreach (var unknown in (string[])[Index, "No index"])
            await Assert.ThrowsAsync<AdviceNotFoundException>(async () => await store.RemoveAdvisedIndex(unknown));
    }

    [Fact]
    public async Task A_cancelled_build_leaves_no_index()
    {
        if (!SharedStore.All.Contains(StoreKind.PostgreSql))
            return; // A build cannot be held up in a file.
        using var shared = await SharedStore.Create(StoreKind.PostgreSql);
        await using var store = await Open(shared.OpenWithNodeClock());
        for (var i = 0; i < 100; i++)
            store.Shapes.Record(OrderSample.ReadModel, Query, 1, TimeSpan.FromMilliseconds(1));
        await new QueryUseStore(store).Write(CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var older = await Hold(shared.ConnectionString); // A build waits for it.

        var build = store.ApplyAdvice(Index, cancellation.Token).AsTask();
        await Eventually.Get(
            async () => await store.ListAdvisedIndexes(),
            static found => found is [{ State: AdvisedIndexState.Building }]);
        await cancellation.CancelAsync();
        await older!.DisposeAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        Assert.Empty(await store.ListAdvisedIndexes());
        await Assert.ThrowsAsync<AdviceNotFoundException>(async () => await store.RemoveAdvisedIndex(Index));
    }

    [Fact]
    public async Task A_missing_index_whose_build_would_stop_writes_for_long_is_reported_and_built_on_demand()
    {
        using var shared = await SharedStore.Create(StoreKind.Sqlite);
        var log = new RecordedLog();
        await using var store = await Open(shared.OpenWithNodeClock());
        var large = new CollectionDefinition("large@1", [new("a", FieldKind.Integer), new("b", FieldKind.Integer)]);
        var index = new DocumentIndex("idx_large_a_b", ["a", "b"]);
        await Fill(store, large, AdvisedIndexService.MaxBlockingDocuments + 1);
        await new AdvisedIndexStore(store).Put(
            CargoIndex with { Name = index.Name, ReadModel = "large", Fields = index.Fields }, CancellationToken.None);
        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(store, gate, new Logger<AdvisedIndexService>(log));
        await service.Start(CancellationToken.None);

        store.IndexRequests.Add(large);
        await Eventually.Until(() => log.Contains("'millrace advise apply idx_large_a_b'"), TestNode.WaitTimeout);

        var indexes = store.Storage.Planner!.Indexes!;
        Assert.Empty(await indexes.List(large.Name, CancellationToken.None));
        Assert.Equal(AdvisedIndexState.Missing, Assert.Single(await store.ListAdvisedIndexes()).State);
        var advice = Assert.Single(await store.Advise(), found => found.Name == index.Name);
        Assert.True(advice.CanApply);
        Assert.Contains("'millrace advise apply idx_large_a_b'", advice.Reason, StringComparison.Ordinal);
        var applied = await store.ApplyAdvice(index.Name); // No query is remembered.
        Assert.StartsWith(index.Name, applied.After.Plan.Index, StringComparison.Ordinal);
        Assert.Equal(AdvisedIndexState.Built, Assert.Single(await store.ListAdvisedIndexes()).State);
        await service.Stop(CancellationToken.None);
    }

    [Theory]
    [DatabaseKinds]
    public async Task An_interrupted_build_is_completed_one_at_a_time(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        await new AdvisedIndexStore(store).Put(
            RecordOf(OrderIndex) with { State = AdvisedIndexState.Building }, CancellationToken.None);
        using var gate = new IndexBuildGate();
        await gate.Enter(CancellationToken.None); // A build of another tenant.
        var log = new RecordedLog();
        using var service = new AdvisedIndexService(store, gate, new Logger<AdvisedIndexService>(log));
        await service.Start(CancellationToken.None);

        store.IndexRequests.Add(OrderSample.Definition);
        await Eventually.Until(() => log.Contains("It is built when no other"), TestNode.WaitTimeout);
        for (var i = 0; i < 10; i++) // A service that does not wait builds meanwhile.
            await store.Append(
                new StreamId($"a-{i}"), ExpectedVersion.Any, [NewEvent.FromBytes("a", "{}"u8.ToArray())]);
        Assert.Equal(AdvisedIndexState.Building, Assert.Single(await store.ListAdvisedIndexes()).State);
        Assert.False(service.IsBuilding);
        gate.Leave();

        var built = await Eventually.Get(
            async () => await store.ListAdvisedIndexes(), found => found is [{ State: AdvisedIndexState.Built }]);
        var indexes = store.Storage.Planner!.Indexes!; // Both databases have them.
        Assert.Equal(OrderIndex, Assert.Single(await indexes.List(OrderSample.Collection, CancellationToken.None)));
        Assert.Equal(0, Assert.Single(built).Speedup); // Not measured.
        await service.Stop(CancellationToken.None);
    }

    [Theory]
    [DatabaseKinds]
    public async Task An_index_whose_build_was_interrupted_after_its_end_can_be_applied_again(StoreKind kind)
    {
        using var shared = await SharedStore.Create(kind);
        await using var store = await Open(shared.OpenWithNodeClock());
        await new AdvisedIndexStore(store).Put(
            RecordOf(OrderIndex) with { State = AdvisedIndexState.Building }, CancellationToken.None);
        await store.Storage.Planner!.Indexes!.Create(OrderSample.Collection, OrderIndex, CancellationToken.None);

        var applied = await store.ApplyAdvice(Index);

        Assert.True(applied.Index is { State: AdvisedIndexState.Built, Speedup: > 0 });
        Assert.Equal(AdvisedIndexState.Built, Assert.Single(await store.ListAdvisedIndexes()).State);
    }

    [Fact]
    public async Task A_cancelled_build_removes_only_what_it_built()
    {
        if (!SharedStore.All.Contains(StoreKind.PostgreSql))
            return; // A build cannot be held up in a file.
        using var shared = await SharedStore.Create(StoreKind.PostgreSql);
        await using var store = await Open(shared.OpenWithNodeClock());
        var indexes = store.Storage.Planner!.Indexes!;
        await new AdvisedIndexStore(store).Put(RecordOf(OrderIndex), CancellationToken.None);
        await indexes.Create(OrderSample.Collection, OrderIndex, CancellationToken.None);
        var rebuilt = OrderSample.Definition with { Name = "orders@1.2" };
        await store.Storage.Documents.EnsureCollection(rebuilt, CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        await using var older = await Hold(shared.ConnectionString); // A build waits for it.

        var build = store.ApplyAdvice(Index, cancellation.Token).AsTask();
        await Eventually.Get(
            () => Ask(shared.ConnectionString!, $"SELECT count(*) FROM pg_class WHERE relname LIKE '{Index}_%'"),
            static found => found == 2);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => build);
        Assert.Equal(OrderIndex, Assert.Single(await indexes.List(OrderSample.Collection, CancellationToken.None)));
        Assert.Empty(await indexes.List(rebuilt.Name, CancellationToken.None));
        Assert.Equal(AdvisedIndexState.Missing, Assert.Single(await store.ListAdvisedIndexes()).State);
    }

    [Fact]
    public async Task Advice_behind_a_pool_of_statements_is_not_offered_and_one_message_reports_a_missing_index()
    {
        if (!SharedStore.All.Contains(StoreKind.PostgreSql))
            return;
        using var shared = await SharedStore.Create(StoreKind.PostgreSql);
        var log = new RecordedLog();
        await using (var direct = await Open(shared.OpenWithNodeClock()))
            await new AdvisedIndexStore(direct).Put(RecordOf(OrderIndex), CancellationToken.None);
        await using var store = await EventStore.Open(
            new Millrace.PostgreSql.PostgreSqlStorage(new Millrace.PostgreSql.PostgreSqlOptions
            {
                ConnectionString = shared.ConnectionString!,
                Prepares = false,
            }),
            EventTypeMap.Empty);
        using var gate = new IndexBuildGate();
        using var service = new AdvisedIndexService(store, gate, new Logger<AdvisedIndexService>(log));
        await service.Start(CancellationToken.None);

        store.IndexRequests.Add(OrderSample.Definition);
        store.IndexRequests.Add(OrderSample.Definition with { Name = "other@1" }); // Comes after all attempts.
        await Eventually.Until(() => log.Entries.Count > 0, TestNode.WaitTimeout);
        var advice = Assert.Single(await store.Advise(), found => found.Name == Index);

        Assert.False(advice.CanApply);
        Assert.Contains("pool of statements", Assert.Single(log.Entries).Text, StringComparison.Ordinal);
        foreach (var change in (Func<Task>[])
            [() => store.ApplyAdvice(Index).AsTask(), () => store.RemoveAdvisedIndex(Index).AsTask()])
            await Assert.ThrowsAsync<StorageException>(change);
        Assert.Equal(AdvisedIndexState.Missing, Assert.Single(await store.ListAdvisedIndexes()).State);
        await service.Stop(CancellationToken.None);
    }

    [Fact]
    public async Task A_tenant_that_builds_an_index_is_not_closed()
    {
        if (!SharedStore.All.Contains(StoreKind.PostgreSql))
            return; // A build cannot be held up in a file.
        using var tenants = await TenantTestStore.Create(TenantStorageKind.OneDatabase);
        await using (var first = await TenantApp.Start(tenants))
        {
            // This application builds nothing.
            await first.Services.GetRequiredService<IndexBuildGate>().Enter(CancellationToken.None);
            await using var acme = await first.Enter("acme");
            await new AdvisedIndexStore(acme.Store).Put(CargoIndex, CancellationToken.None);
        }
        var older = await Hold(tenants.SharedConnection); // A build waits for it.
        await using var app = await TenantApp.Start(
            tenants, options => (options.MaxOpen, options.IdleAfter) = (2, TimeSpan.FromSeconds(1)));
        foreach (var tenant in (string[])["acme", "zoo", "yak"])
        {
            await using (await app.Enter(tenant)) // The third one closes an unused tenant.
                await Eventually.Get(() => Ask(tenants.SharedConnection, Builders), static pid => pid != 0);
        }
        var builder = await Ask(tenants.SharedConnection, Builders);
        await Eventually.Until(() => app.Tenants.OpenCount == 1, TestNode.WaitTimeout);
        Assert.NotEqual(0, builder);
        Assert.Equal(builder, await Ask(tenants.SharedConnection, Builders)); // The same build continues.

        await older!.DisposeAsync();
        await Eventually.Until(() => app.Tenants.OpenCount == 0, TestNode.WaitTimeout);
        Assert.Equal(
            1,
            await Ask(
                tenants.SharedConnection,
                $"SELECT count(*) FROM pg_class c JOIN pg_index i ON i.indexrelid = c.oid "
                    + $"WHERE relname LIKE '{CargoIndex.Name}_%' AND indisvalid"));
    }

    private static readonly DocumentQuery Query = new()
    {
        Collection = OrderSample.ReadModel,
        Conditions =
            [new("status", Comparison.Equal, "paid"), new("customer", Comparison.Equal, "customer-4")],
        OrderBy = "total",
    };

    private static AdvisedIndex RecordOf(DocumentIndex index) => new()
    {
        Name = index.Name,
        ReadModel = OrderSample.ReadModel,
        Fields = index.Fields,
        BuiltAt = DateTimeOffset.UnixEpoch,
    };

    /// <summary>Returns a connection with an open transaction; null without a database.</summary>
    private static async Task<NpgsqlConnection?> Hold(string? connectionString)
    {
        if (connectionString is null)
            return null;
        var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM millrace.events", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task<long> Ask(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static async Task Fill(EventStore store, CollectionDefinition collection, int count)
    {
        await store.Storage.Documents.EnsureCollection(collection, CancellationToken.None);
        foreach (var keys in Enumerable.Range(0, count).Chunk(500))
        {
            var changes = keys.Select(key => new DocumentChange
            {
                Collection = collection.Name,
                Key = $"{key:D5}",
                Body = "{}"u8.ToArray(),
                Fields = [(long)(key % 100), (long)key],
            });
            await store.Commit(
                new CommitRequest { Documents = [.. changes] }, isBackground: false, CancellationToken.None);
        }
    }

    private static Task<CommitOutcome> Damage(EventStore store, string key, string body) => store.Commit(
        new CommitRequest
        {
            Documents =
            [
                new DocumentChange
                {
                    Collection = AdvisedIndexStore.Collection,
                    Key = key,
                    Body = System.Text.Encoding.UTF8.GetBytes(body),
                },
            ],
        },
        isBackground: false,
        CancellationToken.None);

    private static async Task<EventStore> Open(IStorage storage, TimeProvider? time = null)
    {
        await storage.Open(CancellationToken.None);
        await OrderSample.Fill(storage, CancellationToken.None);
        return await EventStore.Open(storage, EventTypeMap.Empty, time: time);
    }
}
