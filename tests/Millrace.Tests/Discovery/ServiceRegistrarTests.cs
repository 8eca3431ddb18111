using Millrace.Testing;

namespace Millrace.Tests.Discovery;

public sealed class ServiceRegistrarTests : IAsyncLifetime
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(15);

    private readonly ManualTimeProvider _time = new();
    private EventStore _store = null!; // Opened before each test.
    private StoreRegistry _registry = null!;

    public async Task InitializeAsync()
    {
        _store = await Given.Store(time: _time);
        _registry = new StoreRegistry(_store);
    }

    public async Task DisposeAsync() => await _store.DisposeAsync();

    [Fact]
    public async Task An_instance_is_found_for_as_long_as_it_is_heard_of()
    {
        var timeToLive = TimeSpan.FromSeconds(12); // A machine that stands still for seconds is still heard of in time.
        await using var store = await Given.Store();
        var registry = new StoreRegistry(store);
        var registrar = await ServiceRegistrar.Register(
            registry, new ServiceInstance("a", "stock", "127.0.0.1", 8080), timeToLive);
        var first = (await registry.List()).Single().LastCheck;
        await Eventually.Is(
            async () => (await registry.Find("stock")).Single().LastCheck, last => last > first + timeToLive);

        await registrar.DisposeAsync();

        Assert.Empty(await registry.Find("stock"));
    }

    [Fact]
    public async Task One_that_cannot_work_is_not_found_and_is_taken_out_after_a_minute_until_it_is_well()
    {
        var isWell = true;
        await using var registrar = await Register("a", _ => new(isWell));
        isWell = false;
        await PassUntil(all => all is [{ Health: ServiceHealth.Critical }]);
        Assert.Empty(await Found());

        var ill = _time.GetUtcNow();
        await PassUntil(all => all.Count == 0);
        Assert.True(_time.GetUtcNow() > ill);

        isWell = true;
        await PassUntil(all => all is [{ Health: ServiceHealth.Passing }]);
        Assert.Equal(["a"], await Found());
    }

    [Fact]
    public async Task A_check_that_throws_is_a_no()
    {
        await using var registrar = await Register("a", _ => throw new InvalidOperationException("broken"));

        await PassUntil(all => all is [{ Health: ServiceHealth.Critical }]);

        Assert.Empty(await Found());
    }

    [Fact]
    public async Task One_that_was_forgotten_registers_again()
    {
        await using var registrar = await Register("a");
        await _registry.Deregister("stock", "a");
        Assert.Empty(await Found());

        await PassUntil(all => all.Count == 1);

        Assert.Equal(["a"], await Found());
    }

    [Fact]
    public async Task Picks_go_to_the_one_with_the_least_in_hand_and_among_equals_at_random()
    {
        await using var a = await Register("a");
        await using var b = await Register("b");
        await using var c = await Register("c");
        await using var ill = await Register("ill", _ => new(false));
        await PassUntil(all => all.Any(one => one.Health == ServiceHealth.Critical));
        var picker = new ServicePicker(_registry, _time, new Random(1));

        var all = await Picks(picker, 3_000);
        using var kept = await picker.Pick("stock");
        var others = await Picks(picker, 2_000);

        Assert.Equal(["a", "b", "c"], all.Keys.Order());
        Assert.All(all.Values, picks => Assert.InRange(picks, 900, 1_100));
        Assert.Equal(2, others.Count);
        Assert.DoesNotContain(kept.Instance.Id, others.Keys);
        // Wherever the one with more in hand stands among them.
        Assert.All(others.Values, picks => Assert.InRange(picks, 900, 1_100));
    }

    [Fact]
    public async Task Nodes_that_start_together_do_not_all_ask_the_same_instance()
    {
        await using var a = await Register("a");
        await using var b = await Register("b");
        var first = new HashSet<string>();

        for (var node = 0; node < 64; node++)
            first.UnionWith((await Picks(new ServicePicker(_registry, _time, new Random(node)), 1)).Keys);

        Assert.Equal(["a", "b"], first.Order());
    }

    [Fact]
    public async Task A_pick_is_all_that_is_allocated_for_it()
    {
        await using var a = await Register("a");
        await using var b = await Register("b");
        var picker = new ServicePicker(_registry, _time);
        await Picks(picker, 1); // What the registry says is known then, and nothing is waited for.

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            (await picker.Pick("stock")).Dispose();

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40 * 1_000); // An object with three fields.
    }

    [Fact]
    public async Task Where_nobody_is_healthy_it_is_said_so()
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

    private async Task<string[]> Found() => [.. (await _registry.Find("stock")).Select(one => one.Id)];

    /// <summary>Lets time pass, and whatever is due in it be done, until what is listed is as it is wanted.</summary>
    private Task<IReadOnlyList<ServiceInstance>> PassUntil(Func<IReadOnlyList<ServiceInstance>, bool> condition) =>
        Eventually.Is(
            async () =>
            {
                _time.Advance(TimeSpan.FromMilliseconds(200));
                return await _registry.List();
            },
            condition);
}
