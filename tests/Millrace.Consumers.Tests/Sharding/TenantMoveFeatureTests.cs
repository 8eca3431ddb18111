using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Millrace.Storage;
using Millrace.Testing;
using Millrace.Tests.Erasing;
using Millrace.Tests.Processes;
using Millrace.Tests.Retention;
using Millrace.Tests.Scheduling;

namespace Millrace.Tests;

/// <summary>Tests that the features of a tenant continue in its new shard.</summary>
public sealed class TenantMoveFeatureTests
{
    private static readonly TenantId Acme = new("acme");
    private static readonly DeadLetterNote Note = new("ada", "because");

    public static TheoryData<ShardStorageKind> Kinds => TenantMoveApp.Kinds;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_process_continues_with_the_events_that_it_received_before(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind, AddTrade);
        await app.One.Load(Acme.Value, 3);
        await Append(app.One, "market-t", new Agreed("t", 4));
        await Append(app.One, "market-early", new Arrived("late")); // Kept until its instance starts.
        await WaitUntilIn(app.One, "await-arrived", "t");
        // New positions of the tenant would otherwise be equal to those that the instance has seen.
        for (var i = 0; i < 5; i++)
            await app.One.Load("neighbour", 1);

        await app.One.Shards.MoveTenant(Acme.Value, await app.OtherShardOf(Acme.Value));
        await Append(app.Other, "market-u", new Agreed("u", 1));
        await Append(app.Other, "dock-t", new Arrived("t"));
        await WaitFor(app.Other, ProcessState.Completed, "t");
        await Append(app.One, "market-late", new Agreed("late", 2));
        await WaitFor(app.One, ProcessState.Completed, "late");
        await Append(app.One, "dock-u", new Arrived("u"));
        await WaitFor(app.One, ProcessState.Completed, "u");

        foreach (var trade in new[] { "t", "u", "late" })
            Assert.Equal(["reserve", "ship"], await EffectsOf(app.Other, trade));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Timers_fire_once_after_the_move(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind, AddBell);
        await app.One.Load(Acme.Value, 1);
        var due = DateTimeOffset.UtcNow.AddSeconds(1);
        await using (var scope = await app.One.Tenants.Enter(Acme))
        {
            var timers = scope.Services.GetRequiredService<Timers>();
            for (var i = 0; i < 4; i++)
                await timers.Set(new Ring($"k{i}"), due, new TimerOptions { Key = $"k{i}" });
            await timers.Set(new Ring("later"), due.AddDays(1), new TimerOptions { Key = "later" });
        }

        await app.One.Shards.MoveTenant(Acme.Value, await app.OtherShardOf(Acme.Value));

        await using var moved = await app.Other.Tenants.Enter(Acme);
        var rings = await Eventually.Get(() => Names(moved.Store, Bell.Stream), static all => all.Count == 4);
        Assert.Equal(["k0", "k1", "k2", "k3"], rings.Order());
        var left = await moved.Services.GetRequiredService<Timers>().List(new TimerQuery());
        Assert.Equal(["later"], left.Timers.Select(static timer => timer.Key));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task A_command_with_its_key_is_not_handled_again_after_the_move(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind, AddBell);
        await app.One.Load(Acme.Value, 1);
        await Send(app.One, "first");

        await app.One.Shards.MoveTenant(Acme.Value, await app.OtherShardOf(Acme.Value));
        await Send(app.Other, "first");
        await Send(app.One, "second");

        await using var moved = await app.Other.Tenants.Enter(Acme);
        Assert.Equal(["first", "second"], await Names(moved.Store, Bell.Stream));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Dead_letters_and_paused_consumers_move(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        await app.One.Load(Acme.Value, 1);
        foreach (var ship in new[] { "bad", "cut" })
            await Append(app.One, Harbour.StreamOf(ship).Value, new Loaded(ship, -1));
        await Append(app.One, Harbour.StreamOf("bad").Value, new Loaded("bad", 2));
        await Append(app.One, Harbour.StreamOf("cut").Value, new Unloaded("cut", 2));
        await using (var scope = await app.One.Tenants.Enter(Acme))
        {
            await Eventually.Get(async () => (await DeadLettersOf(scope)).Count, static count => count == 4);
            await scope.Store.Truncate(Harbour.StreamOf("cut"), 2, "wrong");
            await scope.Services.GetRequiredService<Consumers>().Pause("cargo@1");
        }

        await app.One.Shards.MoveTenant(Acme.Value, await app.OtherShardOf(Acme.Value));

        await using var moved = await app.Other.Tenants.Enter(Acme);
        var consumers = moved.Services.GetRequiredService<Consumers>();
        Assert.True((await consumers.List()).Single(static one => one.Name == "cargo@1").IsPaused);
        var letters = await DeadLettersOf(moved);
        Assert.Equal(
            [("bad", 1L), ("bad", 2L), ("cut", 2L)],
            letters.Select(static one => (one.Stream.Key, one.Version)).Order());
        var all = moved.Services.GetRequiredService<DeadLetters>();
        foreach (var letter in letters)
            Assert.Equal(letter.EventId, (await all.Show(letter.Id)).Event!.Id);
        await consumers.Resume("cargo@1");
        await all.Skip(letters.Single(static one => one.Stream.Key == "bad" && one.Version == 1).Id, Note);
        Assert.Equal(
            2,
            await Eventually.Get(() => TenantMoveApp.CratesOf(app.Other, "acme", "bad"), static crates => crates == 2));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Reads_by_time_use_the_times_at_which_events_were_recorded_first(ShardStorageKind kind)
    {
        await using var app = await TenantMoveApp.Start(kind);
        for (var i = 0; i < 4; i++)
            await app.One.Load(Acme.Value, 1);
        var before = await TenantMoveApp.EventsOf(app.One, Acme.Value);

        await app.One.Shards.MoveTenant(Acme.Value, await app.OtherShardOf(Acme.Value));
        await TenantMoveApp.Load(app.One, Acme.Value, 1);

        await using var moved = await app.One.Tenants.Enter(Acme);
        var (second, last) = (before[1].Timestamp, before[^1].Timestamp);
        var middle = new EventFilter { From = second, To = last };
        var read = new List<Guid>();
        await foreach (var recorded in moved.Store.ReadLog(middle))
            read.Add(recorded.Id);
        Assert.Equal(
            before.Where(one => one.Timestamp >= second && one.Timestamp < last).Select(static one => one.Id), read);
        Assert.Equal(read.Count, await moved.Store.Storage.Log.Count(middle, CancellationToken.None));
        var after = new EventFilter { From = last + TimeSpan.FromTicks(10) };
        Assert.Equal(1, await moved.Store.Storage.Log.Count(after, CancellationToken.None));
    }

    [Fact]
    public async Task Documents_of_a_moved_tenant_are_encrypted_again()
    {
        var peopleKeys = new PeopleKeys();
        await using var app = await TenantMoveApp.Start(
            ShardStorageKind.Files,
            millrace => PeopleApp.Add(millrace.AddModel(People.Register), peopleKeys));
        await app.One.Load(Acme.Value, 1);
        await using (var scope = await app.One.Tenants.Enter(Acme))
            await RetentionSample.GivenDocument(
                scope.Store, "snapshots", "person-1", """{"schemaVersion":1,"state":"secret"}""");
        var target = await app.OtherShardOf(Acme.Value);
        await app.One.Shards.MoveTenant(Acme.Value, target);
        var keys = DataKeys.Of(peopleKeys.Store, new KeyOptions { MasterKey = peopleKeys.Master });
        foreach (var record in await keys.List(new KeyQuery()))
            await keys.Replace(record.Owner);

        var maintenance = new KeyMaintenance(app.One.Shards.StoreOf(target), keys);
        var result = await maintenance.Reencrypt(new ReencryptionRequest("ann", "stolen laptop"));

        Assert.Equal((1, 0), (result.Rewritten, result.Remaining));
        Assert.Empty((await maintenance.Verify()).Replaced);
        await using var moved = await app.One.Tenants.Enter(Acme);
        var document = await moved.Store.Storage.Documents.Get("snapshots", "person-1", default);
        Assert.Contains("secret", Encoding.UTF8.GetString(document!.Body.Span), StringComparison.Ordinal);
    }

    private static void AddTrade(MillraceBuilder millrace)
    {
        millrace.Services.AddSingleton<Trade>();
        millrace.AddModel(static model => Trade.Register(model).Process(TradeProcess.Create(static process => process
            .StartOn<Agreed>(static agreed => agreed.Trade)
            .WaitForStart(TimeSpan.FromHours(1))
            .Step("reserve", static id => new DoWork(id, "reserve"))
            .Await<Arrived>(static arrived => arrived.Trade, within: TimeSpan.FromHours(1))
            .Step(
                "ship",
                static (string id, Arrived arrived) => new DoWork(id, arrived.Trade == id ? "ship" : "wrong")))));
    }

    private static void AddBell(MillraceBuilder millrace)
    {
        millrace.Services.AddSingleton<Bell>();
        millrace.AddModel(static model => Bell.Register(model)).AddTimers();
    }

    private static async Task Append(ShardApp node, string stream, object happened)
    {
        await TenantMoveApp.Repeat(node, "acme", scope => scope.Store.Append(
            new StreamId(stream), ExpectedVersion.Any, [happened]));
    }

    private static Task<CommandResult<Nothing>> Send(ShardApp node, string name) => TenantMoveApp.Repeat(
        node,
        "acme",
        scope => scope.Services.GetRequiredService<ICommandBus>()
            .Send(new Ring(name), new SendOptions { IdempotencyKey = name })
            .AsTask());

    private static Task<ProcessInfo?> WaitUntilIn(ShardApp node, string step, string trade) => Eventually.Get(
        () => Find(node, trade), info => info?.Steps.Contains(step) == true, TestNode.WaitTimeout);

    private static Task<ProcessInfo?> WaitFor(ShardApp node, ProcessState state, string trade) => Eventually.Get(
        () => Find(node, trade), info => info?.State == state, TestNode.WaitTimeout);

    private static Task<ProcessInfo?> Find(ShardApp node, string trade) => TenantMoveApp.Repeat(
        node,
        "acme",
        async scope => await scope.Services.GetRequiredService<Millrace.Processes>().Find("trade", trade));

    private static Task<List<string>> EffectsOf(ShardApp node, string trade) => TenantMoveApp.Repeat(
        node, "acme", scope => Names(scope.Store, Trade.StreamOf(trade).Value));

    private static async Task<List<string>> Names(EventStore store, string stream)
    {
        var names = new List<string>();
        await foreach (var recorded in store.ReadStream(new StreamId(stream)))
            names.Add(recorded.Data is Rung rung ? rung.Name : ((WorkDone)recorded.Data!).Name);
        return names;
    }

    private static async Task<IReadOnlyList<DeadLetter>> DeadLettersOf(TenantScope scope) =>
        await scope.Services.GetRequiredService<DeadLetters>().List(new DeadLetterQuery());
}
