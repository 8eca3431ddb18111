using System.Text;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Testing;
using Millrace.Tests.Erasing;

namespace Millrace.Tests.Protection;

/// <summary>Tests that stored values of replaced keys are encrypted again with the current keys.</summary>
public sealed class ReencryptionTests
{
    private const string Email = "ada@example.org";

    private static readonly CancellationToken Cancel = CancellationToken.None;
    private static readonly ReencryptionRequest All = new("ann", "stolen laptop");

    private readonly PeopleKeys _keys = new();

    [Theory]
    [StoreKinds]
    public async Task Documents_snapshots_timers_and_dead_letters_get_the_current_keys(StoreKind kind)
    {
        using var storage = await SharedStore.Create(kind);
        await using var node = await Start(storage);
        var token = await Fill(node);
        await ReplaceAll(node);
        var before = await Maintenance(node).Verify();

        var result = await Maintenance(node).Reencrypt(All);

        var after = await Maintenance(node).Verify();
        Assert.Equal((0, false), (result.Remaining, result.WasContinued));
        // Two views, a snapshot, a timer and a dead letter.
        Assert.Equal(5, before.Replaced.Sum(static key => key.Documents));
        Assert.Equal(5, result.Rewritten);
        Assert.Equal(0, after.Replaced.Sum(static key => key.Documents));
        Assert.Equal(before.Replaced.Sum(static key => key.LogValues), after.Replaced.Sum(static key => key.LogValues));
        Assert.True(after.Replaced.Sum(static key => key.LogValues) >= 2);
        Assert.True(after.IsSound);
        Assert.Equal(Email, (await node.ReadView("1", token))!.Email);
        var loaded = await node.Repository(snapshotEvery: 1).Load<Customer, string>("1");
        Assert.Equal((Email, true), (loaded.Email, loaded.SnapshotVersion > 0));
        await node.Timers.Run("later", "ada", "now please");
        await Eventually.Get(() => Task.FromResult(node.Reminders), static all => !all.IsEmpty, TestNode.WaitTimeout);
        Assert.Equal([Email], node.Reminders);
        var letter = Assert.Single(await node.Store.Storage.DeadLetters.List(new DeadLetterQuery(), Cancel));
        Assert.Contains(Email, Encoding.UTF8.GetString(letter.EditedPayload!.Value.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_the_operation_documents_need_no_replaced_key()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await Start(storage);
        await Fill(node);
        await ReplaceAll(node);
        await Maintenance(node).Reencrypt(All);

        var active = (await Records()).Where(static key => key.State == KeyState.Active).Select(static key => key.Id);
        var documents = await Documents(node);

        Assert.All(documents.SelectMany(KeysIn), id => Assert.Contains(id, active));
    }

    [Fact]
    public async Task Only_the_values_of_a_subject_are_encrypted_again()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage);
        await Fill(node);
        var token = await node.Register("2", "bob@example.org");
        await node.ReadView("2", token);
        await ReplaceAll(node);

        var result = await Maintenance(node).Reencrypt(All with { Subject = "customer-2" });

        var left = (await Maintenance(node).Verify()).Replaced
            .Where(static key => key.Documents > 0)
            .Select(static key => key.Owner.Subject)
            .Order(StringComparer.Ordinal);
        Assert.Equal((1, 0, "customer-2"), (result.Rewritten, result.Remaining, result.Subject));
        Assert.Equal(["", "customer-1", "customer-3"], left);
    }

    [Theory]
    [StoreKinds]
    public async Task An_interrupted_operation_is_continued_and_then_the_requested_one_runs(StoreKind kind)
    {
        using var storage = await SharedStore.Create(kind);
        await using var node = await Start(storage, runsConsumers: false);
        await Write(node, 2_500);
        await ReplaceAll(node);
        using var cancellation = new CancellationTokenSource();
        var stop = new Stop(1_400, cancellation);
        var fast = All with { MaxDocumentsPerSecond = 1_000_000 };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Maintenance(node).Reencrypt(fast with { Subject = "customer-1" }, stop, cancellation.Token));
        var result = await Maintenance(node).Reencrypt(fast);

        Assert.Equal((false, 0), (result.WasContinued, result.Remaining));
        var recorded = node.Store.ReadStream(new StreamId("$reencryption"));
        var events = await recorded.Select(static one => one.Type).ToListAsync();
        Assert.Equal("keys.reencryption-started", events[0]);
        Assert.Equal(2, events.Count(static type => type == "keys.reencryption-started"));
        Assert.Equal(2, events.Count(static type => type == "keys.reencryption-completed"));
        Assert.Equal("keys.reencryption-completed", events[^1]);
        Assert.Equal(0, (await Maintenance(node).Verify()).Replaced.Sum(static key => key.Documents));
    }

    [Fact]
    public async Task An_operation_continues_after_the_last_recorded_document()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await Start(storage, runsConsumers: false);
        await Write(node, 2_500);
        await ReplaceAll(node);
        using var cancellation = new CancellationTokenSource();
        var fast = All with { MaxDocumentsPerSecond = 1_000_000 };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Maintenance(node).Reencrypt(fast, new Stop(1_400, cancellation), cancellation.Token));

        var result = await Maintenance(node).Reencrypt(fast);

        Assert.Equal((true, 0), (result.WasContinued, result.Remaining));
        Assert.InRange(result.Inspected, 2_500, 2_500 + 600); // The documents of at most two pages are read again.
    }

    [Fact]
    public async Task Of_two_nodes_with_the_same_operation_one_stops()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage, runsConsumers: false);
        await Write(node, 1_500);
        await ReplaceAll(node);
        var second = new Second(() => Maintenance(node).Reencrypt(All));

        await Assert.ThrowsAsync<VersionConflictException>(() => Maintenance(node).Reencrypt(All, second));

        Assert.Equal((true, 0), (second.Result!.WasContinued, second.Result.Remaining));
    }

    [Fact]
    public async Task A_document_that_changes_meanwhile_keeps_its_newer_content()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage, runsConsumers: false);
        await Write(node, 1);
        await ReplaceAll(node);
        var raw = await Documents(node);
        await Write(node, 1, "newer");

        var result = await Maintenance(node).Reencrypt(All);

        var newer = await Documents(node);
        Assert.Equal(0, result.Remaining);
        Assert.NotEqual(raw[^1], newer[^1]);
        Assert.Contains("newer", await Plain(node, "0"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Values_of_an_erased_subject_do_not_return()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage);
        var token = await Fill(node);
        await ReplaceAll(node);
        await node.Keys.Destroy(new KeyOwner("", "customer-1", KeyOwner.AllKinds), Cancel);

        var result = await Maintenance(node).Reencrypt(All);

        Assert.Equal(0, result.Remaining);
        Assert.Equal("[erased]", (await node.ReadView("1", token))!.Email);
    }

    [Fact]
    public async Task A_value_that_does_not_decrypt_is_reported_and_not_changed()
    {
        using var storage = await SharedStore.Create(StoreKind.Sqlite);
        await using var node = await Start(storage, runsConsumers: false);
        await Write(node, 2);
        var moved = (await Raw(node, "0"))!;
        var change = new DocumentChange { Collection = "snapshots", Key = "1", Body = moved.Body };
        await node.Store.Commit(
            new CommitRequest { Documents = [change], IsAsStored = true }, isBackground: false, Cancel);
        await ReplaceAll(node);

        var result = await Maintenance(node).Reencrypt(All);

        Assert.Equal((1, 1), (result.Rewritten, result.Remaining));
        Assert.Equal(moved.Body.ToArray(), (await Raw(node, "1"))!.Body.ToArray());
    }

    [Fact]
    public async Task The_stream_of_the_operation_is_reserved()
    {
        using var storage = await SharedStore.Create(StoreKind.Memory);
        await using var node = await Start(storage);
        var forged = NewEvent.FromBytes("keys.reencryption-completed", "{}"u8.ToArray());

        await Assert.ThrowsAsync<InvalidNameException>(() =>
            node.Store.Append(new StreamId("$reencryption"), ExpectedVersion.Any, [forged]));
        await Assert.ThrowsAsync<InvalidNameException>(() =>
            node.Store.Append(new StreamId("other"), ExpectedVersion.Any, [forged]));
    }

    private static KeyMaintenance Maintenance(CustomerNode node) => new(node.Store, new DataKeys(node.Keys));

    /// <summary>Writes a document, a snapshot, a timer and an edited dead letter.</summary>
    private static async Task<ConsistencyToken> Fill(CustomerNode node)
    {
        await node.Register("1", Email);
        var repository = node.Repository(snapshotEvery: 1);
        var customer = await repository.Load<Customer, string>("1");
        customer.Move("12 Marker Street");
        await repository.Save<Customer, string>(customer);
        var token = await node.Register("1", Email);
        await node.ReadView("1", token);
        await node.Timers.Set(new Remind("1", Email), TimeSpan.FromDays(9), new TimerOptions { Key = "later" });
        await node.WaitForMails(2);
        await node.ReadView("3", await node.Register("3", "bounce-" + Email));
        var letter = (await Eventually.Get(
            async () => await node.Store.Storage.DeadLetters.List(new DeadLetterQuery(), Cancel),
            static letters => letters.Any(static one => one.State == DeadLetterState.Parked),
            TestNode.WaitTimeout))[0];
        var edited = letter with { EditedPayload = Encoding.UTF8.GetBytes($$"""{"email":"{{Email}}"}""") };
        await node.Store.Commit(
            new CommitRequest { DeadLetters = [new DeadLetterChange(edited)] }, isBackground: false, Cancel);
        return token;
    }

    /// <summary>Writes snapshots.</summary>
    private static async Task Write(CustomerNode node, int count, string text = "older")
    {
        await node.Store.Storage.Documents.EnsureCollection(new CollectionDefinition("snapshots", []), Cancel);
        foreach (var keys in Enumerable.Range(0, count).Chunk(500))
        {
            var documents = keys.Select(key => new DocumentChange
            {
                Collection = "snapshots",
                Key = $"{key}",
                Body = Encoding.UTF8.GetBytes($$$"""{"schemaVersion":1,"state":{"email":"{{{text}}}"}}"""),
            });
            await node.Store.Commit(new CommitRequest { Documents = [.. documents] }, isBackground: false, Cancel);
        }
    }

    private static async Task<string> Plain(CustomerNode node, string key) =>
        Encoding.UTF8.GetString((await node.Store.Storage.Documents.Get("snapshots", key, Cancel))!.Body.Span);

    private static ValueTask<Document?> Raw(CustomerNode node, string key) =>
        node.Store.Stored.Storage.Documents.Get("snapshots", key, Cancel);

    /// <summary>Returns all documents as they are stored.</summary>
    private static async Task<IReadOnlyList<string>> Documents(CustomerNode node)
    {
        var all = new List<string>();
        var documents = node.Store.Stored.Storage.Documents;
        foreach (var collection in await documents.List(Cancel))
        {
            var query = new DocumentQuery { Collection = collection.Definition.Name, Limit = 1_000 };
            foreach (var document in (await documents.Query(query, Cancel)).Documents)
                all.Add(Encoding.UTF8.GetString(document.Body.Span));
        }
        return all;
    }

    private static IEnumerable<string> KeysIn(string document) =>
        document.Split("~enc1.").Skip(1).Select(static part => part[..22]);

    private ValueTask<IReadOnlyList<KeyRecord>> Records() => _keys.Store.List(new KeyQuery { Limit = 1_000 }, Cancel);

    private async Task ReplaceAll(CustomerNode node)
    {
        foreach (var record in await Records())
        {
            if (record.State == KeyState.Active && !IndexKey.IsOwner(record.Owner))
                Assert.True(await new DataKeys(node.Keys).Replace(record.Owner));
        }
    }

    private Task<CustomerNode> Start(SharedStore storage, bool runsConsumers = true) =>
        CustomerNode.Start(
            millrace => millrace
                .UseStorage(_ => storage.Open())
                .UseKeys(_ => _keys.Store, options => options.MasterKey = _keys.Master),
            runsConsumers);

    /// <summary>Cancels the operation after a number of documents.</summary>
    private sealed class Stop(long after, CancellationTokenSource cancellation) : IProgress<MaintenanceProgress>
    {
        public void Report(MaintenanceProgress value)
        {
            if (value.Done >= after)
                cancellation.Cancel();
        }
    }

    /// <summary>Runs the same operation to its end after the first page.</summary>
    private sealed class Second(Func<Task<ReencryptionResult>> run) : IProgress<MaintenanceProgress>
    {
        public ReencryptionResult? Result { get; private set; }

        public void Report(MaintenanceProgress value) => Result ??= Task.Run(run).GetAwaiter().GetResult();
    }
}
