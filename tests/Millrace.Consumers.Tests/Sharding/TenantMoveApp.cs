using System.Diagnostics;
using Millrace.Tenancy.Moves;

namespace Millrace.Tests;

/// <summary>Two nodes of an application with two shards, for tests that move tenants.</summary>
internal sealed class TenantMoveApp : IAsyncDisposable
{
    public static readonly ShardId First = new("eu-1");
    public static readonly ShardId Second = new("eu-2");

    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(2);

    private readonly ShardTestStores _stores;

    private TenantMoveApp(ShardTestStores stores, ShardApp one, ShardApp other) =>
        (_stores, One, Other) = (stores, one, other);

    /// <summary>Gets the storages that can move tenants.</summary>
    public static IEnumerable<ShardStorageKind> Storages =>
        Enum.GetValues<ShardStorageKind>().Where(static kind => kind == ShardStorageKind.Files
            || (kind == ShardStorageKind.Databases && PostgreSqlPrograms.ReasonToSkip is null));

    public static TheoryData<ShardStorageKind> Kinds => [.. Storages];

    public ShardApp One { get; }

    public ShardApp Other { get; }

    public static async Task<TenantMoveApp> Start(ShardStorageKind kind, Action<MillraceBuilder>? configure = null)
    {
        var stores = await ShardTestStores.Create(kind, First.Value, Second.Value);
        var one = await stores.Start(configure, First.Value, Second.Value);
        var other = await stores.Start(configure, First.Value, Second.Value);
        foreach (var app in new[] { one, other })
            (MoverOf(app).NoticeTime, MoverOf(app).MaxPause) = (TimeSpan.FromSeconds(1), MaxWait);
        return new TenantMoveApp(stores, one, other);
    }

    public static TenantMover MoverOf(ShardApp app) => (TenantMover)app.Shards.Mover!; // Set for tenants.

    /// <summary>Interrupts the moves of a node after a step, as a kill does.</summary>
    public static void KillAfter(ShardApp app, string step) => MoverOf(app).AfterStep = reached =>
        _ = reached == step ? throw new InvalidOperationException(step) : 0;

    /// <summary>Starts a move that is interrupted after a step.</summary>
    public static async Task MoveUntil(ShardApp app, string tenant, ShardId target, string step)
    {
        KillAfter(app, step);
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.Shards.MoveTenant(tenant, target));
        MoverOf(app).AfterStep = static _ => { };
    }

    /// <summary>Returns the shard in which a tenant is not.</summary>
    public async Task<ShardId> OtherShardOf(string tenant) =>
        await One.Shards.FindTenant(tenant) == First ? Second : First;

    /// <summary>Does something in a tenant, and repeats it as a caller does while the tenant moves.</summary>
    public static async Task<T> Repeat<T>(ShardApp app, string tenant, Func<TenantScope, Task<T>> work)
    {
        for (var started = Stopwatch.StartNew(); ;)
        {
            try
            {
                await using var scope = await app.Tenants.Enter(new TenantId(tenant));
                return await work(scope);
            }
            catch (MillraceException exception) when (exception.IsTransient && started.Elapsed < MaxWait)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>Loads a crate.</summary>
    public static Task LoadUntilDone(ShardApp app, string tenant, string ship, Guid id) =>
        Repeat(app, tenant, scope => scope.Store.Append(
            Harbour.StreamOf(ship), ExpectedVersion.Any, [new NewEvent(new Loaded(ship, 1)) { Id = id }]));

    /// <summary>Loads crates on the ship 'ada', and returns its crates. A node may not have noticed the move.</summary>
    public static async Task<int> Load(ShardApp app, string tenant, int crates)
    {
        for (var started = Stopwatch.StartNew(); ;)
        {
            try
            {
                return await app.Load(tenant, crates);
            }
            catch (TenantMovingException) when (started.Elapsed < MaxWait)
            {
                await Task.Yield();
            }
        }
    }

    /// <summary>Returns the crates of a ship in the read model, when it reflects all events.</summary>
    public static async Task<int> CratesOf(ShardApp app, string tenant, string ship)
    {
        await using var scope = await app.Tenants.Enter(new TenantId(tenant));
        var token = await scope.Store.GetToken();
        return (await scope.ReadModel<string, Cargo>().Get(ship, token)).Value?.Crates ?? 0;
    }

    public static async Task<List<RecordedEvent>> EventsOf(ShardApp app, string tenant)
    {
        await using var scope = await app.Tenants.Enter(new TenantId(tenant));
        var events = new List<RecordedEvent>();
        await foreach (var recorded in scope.Store.ReadLog(EventFilter.All))
            events.Add(recorded);
        return events;
    }

    /// <summary>Verifies the stores of both shards.</summary>
    public async Task Verify()
    {
        foreach (var shard in new[] { First, Second })
        {
            var report = await One.Shards.StoreOf(shard).Verify();
            Assert.True(
                report.IsSound, string.Join("; ", report.Checks.SelectMany(static check => check.Problems)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Other.DisposeAsync();
        await One.DisposeAsync();
        _stores.Dispose();
    }
}
