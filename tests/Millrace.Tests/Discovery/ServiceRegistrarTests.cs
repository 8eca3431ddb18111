using Millrace.Testing;

namespace Millrace.Tests.Discovery;

public sealed class ServiceRegistrarTests : IAsyncLifetime
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(15);

    private readonly ManualTimeProvider _time = new();
    private EventStore _store = null!; // Each test opens it in InitializeAsync.
    private StoreRegistry _registry = null!;

    public async Task InitializeAsync()
    {
        _store = await TestData.Store(time: _time);
        _registry = new StoreRegistry(_store);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    [Trait(TestRun.Kind, TestRun.Whole)]
    public async Task An_instance_is_found_until_its_registrar_is_disposed()
    {
        var timeToLive = TimeSpan.FromSeconds(12); // Long enough for a slow test machine.
        await using var store = await TestData.Store();
        var registry = new StoreRegistry(store);
        var registrar = await ServiceRegistrar.Register(
            registry, new ServiceInstance("a", "stock", "127.0.0.1", 8080), timeToLive);
        var first = (await registry.List()).Single().LastCheck;
        await Eventually.Get(
            async () => (await registry.Find("stock")).Single().LastCheck, last => last > first + timeToLive);

        await registrar.DisposeAsync();

        Assert.Empty(await registry.Find("stock"));
    }

    [Fact]
    [Trait(TestRun.Kind, TestRun.Whole)]
    public async Task An_unhealthy_instance_is_removed_after_a_minute_and_registers_again_when_it_is_healthy()
    {
        var isHealthy = true;
        await using var registrar = await Register("a", _ => new(isHealthy));
        isHealthy = false;
        await AdvanceUntil(all => all is [{ Health: ServiceHealth.Critical }]);
        Assert.Empty(await Found());

        var unhealthySince = _time.GetUtcNow();
        await AdvanceUntil(all => all.Count == 0);
        Assert.True(_time.GetUtcNow() > unhealthySince);

        isHealthy = true;
        await AdvanceUntil(all => all is [{ Health: ServiceHealth.Passing }]);
        Assert.Equal(["a"], await Found());
    }

    [Fact]
    public async Task A_health_check_that_throws_makes_the_instance_critical()
    {
        await using var registrar = await Register("a", _ => throw new InvalidOperationException("broken"));

        await AdvanceUntil(all => all is [{ Health: ServiceHealth.Critical }]);

        Assert.Empty(await Found());
    }

    [Fact]
    public async Task An_instance_that_was_deregistered_registers_again()
    {
        await using var registrar = await Register("a");
        await _registry.Deregister("stock", "a");
        Assert.Empty(await Found());

        await AdvanceUntil(all => all.Count == 1);

        Assert.Equal(["a"], await Found());
    }

    [Fact]
    public async Task Picks_prefer_the_instance_with_the_fewest_open_picks_and_choose_equals_at_random()
    {
        await using var a = await Register("a");
        await using var b = await Register("b");
        await using var c = await Register("c");
        await using var unhealthyInstance = await Register("unhealthy", _ => new(false));
        await AdvanceUntil(all => all.Any(instance => instance.Health == ServiceHealth.Critical));
        var picker = new ServicePicker(_registry, _time, new Random(1));

        var all = await Picks(picker, 3_000);
        using var openPick = await picker.Pick("stock");
        var laterPicks = await Picks(picker, 2_000);

        Assert.Equal(["a", "b", "c"], all.Keys.Order());
        Assert.All(all.Values, picks => Assert.InRange(picks, 900, 1_100));
        Assert.Equal(2, laterPicks.Count);
        Assert.DoesNotContain(openPick.Instance.Id, laterPicks.Keys);
        // The position of the instance with the open pick in the list makes no difference.
        Assert.All(laterPicks.Values, picks => Assert.InRange(picks, 900, 1_100));
    }

    [Fact]
    public async Task Nodes_that_start_together_do_not_all_pick_the_same_instance()
    {
        await using var a = await Register("a");
        await using var b = await Register("b");
        var first = new HashSet<string>();

        for (var node = 0; node < 64; node++)
            first.UnionWith((await Picks(new ServicePicker(_registry, _time, new Random(node)), 1)).Keys);

        Assert.Equal(["a", "b"], first.Order());
    }

    [Fact]
    public async Task A_pick_allocates_only_the_returned_object()
    {
        await using var a = await Register("a");
        await using var b = await Register("b");
        var picker = new ServicePicker(_registry, _time);
        await Picks(picker, 1); // The picker caches the list of the registry here.

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            (await picker.Pick("stock")).Dispose();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 * 1_000); // One object for each pick.
    }

    [Fact]
    public async Task A_pick_without_a_healthy_instance_throws_ServiceNotFoundException()
    {
        var refused = await Assert.ThrowsAsync<ServiceNotFoundException>(() =>
            new ServicePicker(_registry, _time).Pick("stock").AsTask());

        Assert.Equal(("stock", true), (refused.Service, refused.IsTransient));
    }

    private static async Task<Dictionary<string, int>> Picks(ServicePicker picker, int picks)
    {
        var all = new Dictionary<string, int>();
        for (var i = 0; i < picks; i++)
        {
            using var pick = await picker.Pick("stock");
            all[pick.Instance.Id] = all.GetValueOrDefault(pick.Instance.Id) + 1;
        }
        return all;
    }

    private Task<ServiceRegistrar> Register(string id, Func<CancellationToken, ValueTask<bool>>? isHealthy = null) =>
        ServiceRegistrar.Register(
            _registry, new ServiceInstance(id, "stock", "127.0.0.1", 8080), TimeToLive, isHealthy, _time);

    private async Task<string[]> Found() => [.. (await _registry.Find("stock")).Select(instance => instance.Id)];

    /// <summary>Advances the time in steps until the list of instances satisfies the condition.</summary>
    private Task<IReadOnlyList<ServiceInstance>> AdvanceUntil(Func<IReadOnlyList<ServiceInstance>, bool> condition) =>
        Eventually.Get(
            async () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return await _registry.List();
            },
            condition);
}
