namespace Millrace.Testing.Conformance.Registries;

/// <summary>Contains the conformance checks for service registries.</summary>
internal static class RegistryChecks
{
    public static IReadOnlyList<(string Name, Func<RegistryProbe, Task> Run)> All { get; } =
    [
        ("Others find a registered instance immediately, with all its data", Registered),
        ("Registering an instance again replaces it", Registered_again),
        ("A critical instance is listed, but not found until it is healthy", Critical),
        ("A deregistered instance is not found, and deregistering it again has no effect", Deregistered),
        ("An instance without heartbeats disappears after its time to live, and the others remain", Expired),
        ("An instance with heartbeats remains registered", Heartbeat),
        ("A heartbeat of an expired instance is refused, and the instance can register again", Heartbeat_after_expiry),
        ("Services with different names are independent", Separately),
        ("A watcher receives the current instances, and each addition, removal and health change", Watched),
        ("An invalid registration is refused", Refused),
    ];

    private static async Task Registered(RegistryProbe probe)
    {
        var instance = probe.Instance("b", 8081) with { Tags = ["v2", "é"] };
        await probe.First.Register(instance, RegistryProbe.LongLife, probe.Cancel);
        await probe.First.Register(probe.Instance("a"), RegistryProbe.LongLife, probe.Cancel);

        var found = await probe.Second.Find(probe.Name(), probe.Cancel);

        Expect.Same(["a", "b"], found.Select(static one => one.Id), "the instances");
        Expect.Equal(instance with { Tags = [] }, found[1] with { Tags = [], LastCheck = default }, "the instance");
        Expect.Same(instance.Tags, found[1].Tags, "the tags");
        Expect.True(found[1].LastCheck > DateTimeOffset.UnixEpoch, "the time of its last heartbeat is missing");
        Expect.Equal(new Uri("http://127.0.0.1:8081/"), found[1].Url, "the address");
    }

    private static async Task Registered_again(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a", 1), RegistryProbe.ShortLife, probe.Cancel);
        await probe.First.Register(probe.Instance("a", 2), RegistryProbe.LongLife, probe.Cancel);

        var found = await probe.Second.Find(probe.Name(), probe.Cancel);

        Expect.Same([2], found.Select(static one => one.Port), "the ports");
        Expect.True(
            await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel),
            "the instance has disappeared");
    }

    private static async Task Critical(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.LongLife, probe.Cancel);

        await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Critical, probe.Cancel);
        var whileCritical = await probe.FoundIds(probe.Second);
        var listed = (await probe.Second.List(probe.Cancel)).Where(one => one.Name == probe.Name()).ToList();
        await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel);

        Expect.Equal("", whileCritical, "the instances found while it is critical");
        Expect.Same([ServiceHealth.Critical], listed.Select(static one => one.Health), "the health that is listed");
        Expect.Equal("a", await probe.FoundIds(probe.Second), "the instances found when it is healthy");
    }

    private static async Task Deregistered(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.LongLife, probe.Cancel);
        await probe.First.Register(probe.Instance("b"), RegistryProbe.LongLife, probe.Cancel);

        await probe.First.Deregister(probe.Name(), "a", probe.Cancel);
        await probe.First.Deregister(probe.Name(), "a", probe.Cancel);

        Expect.Equal("b", await probe.FoundIds(probe.Second), "the instances found");
        Expect.True(
            !await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel),
            "a heartbeat of a deregistered instance was accepted");
    }

    private static async Task Expired(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("living"), RegistryProbe.LongLife, probe.Cancel);
        await probe.First.Register(probe.Instance("dead"), RegistryProbe.LongLife, probe.Cancel);
        Expect.Equal("dead living", await probe.FoundIds(probe.Second), "the instances found at first");

        await probe.First.Register(probe.Instance("dead"), RegistryProbe.ShortLife, probe.Cancel);
        await probe.WaitForInstances("living");

        Expect.True(
            (await probe.Second.List(probe.Cancel)).All(one => one.Name != probe.Name() || one.Id == "living"),
            "the expired instance is listed");
    }

    private static async Task Heartbeat(RegistryProbe probe)
    {
        var started = await Register();
        for (var lastHeartbeat = started; TimeProvider.System.GetElapsedTime(started) < RegistryProbe.ShortLife * 2;)
        {
            var sentAt = TimeProvider.System.GetTimestamp();
            var isRegistered = await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel);
            var found = await probe.FoundIds(probe.Second);
            if (TimeProvider.System.GetElapsedTime(lastHeartbeat) >= RegistryProbe.ShortLife)
            {
                // The machine paused, and no heartbeat was sent for too long. The check registers the instance again.
                started = lastHeartbeat = await Register();
                continue;
            }
            Expect.True(isRegistered, "an instance with heartbeats has disappeared");
            Expect.Equal("a", found, "the instances found");
            lastHeartbeat = sentAt;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, probe.Cancel);
        }

        async Task<long> Register()
        {
            var started = TimeProvider.System.GetTimestamp();
            await probe.First.Register(probe.Instance("a"), RegistryProbe.ShortLife, probe.Cancel);
            return started;
        }
    }

    private static async Task Heartbeat_after_expiry(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.ShortLife, probe.Cancel);
        await probe.WaitForInstances("");

        var isRegistered = await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel);
        await probe.First.Register(probe.Instance("a"), RegistryProbe.LongLife, probe.Cancel);

        Expect.True(!isRegistered, "a heartbeat of an expired instance was accepted");
        Expect.Equal("a", await probe.FoundIds(probe.Second), "the instances found after it has registered again");
    }

    private static async Task Separately(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.LongLife, probe.Cancel);
        await probe.First.Register(
            probe.Instance("a", name: probe.Name("stock.more")), RegistryProbe.LongLife, probe.Cancel);

        await probe.First.Deregister(probe.Name("stock.more"), "a", probe.Cancel);

        Expect.Equal("a", await probe.FoundIds(probe.Second), "the instances found");
        Expect.Equal(
            "", await probe.FoundIds(probe.Second, probe.Name("stock.more")), "the instances of the other service");
    }

    private static async Task Watched(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.LongLife, probe.Cancel);
        await using var watch = probe.Second.Watch(probe.Name(), probe.Cancel).GetAsyncEnumerator(probe.Cancel);

        async Task ExpectNext(string expected)
        {
            string found;
            do
            {
                Expect.True(await watch.MoveNextAsync(), "the watch has completed");
                found = string.Join(' ', watch.Current.Select(static one => one.Id));
            }
            while (found != expected);
        }

        await ExpectNext("a");
        await probe.First.Register(probe.Instance("b"), RegistryProbe.LongLife, probe.Cancel);
        await ExpectNext("a b");
        await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Critical, probe.Cancel);
        await ExpectNext("b");
        await probe.First.Register(probe.Instance("b"), RegistryProbe.ShortLife, probe.Cancel);
        await ExpectNext(""); // No heartbeat was sent.
    }

    private static async Task Refused(RegistryProbe probe)
    {
        await Expect.Throws<InvalidNameException>(
            () =>
                probe
                    .First.Register(probe.Instance("a", name: "Stock Room"), RegistryProbe.LongLife, probe.Cancel)
                    .AsTask(),
            "an invalid name");
        await Expect.Throws<InvalidNameException>(
            () => probe.First.Register(probe.Instance("a/b"), RegistryProbe.LongLife, probe.Cancel).AsTask(),
            "an invalid id");
        await Expect.Throws<ArgumentOutOfRangeException>(
            () => probe.First.Register(probe.Instance("a", 0), RegistryProbe.LongLife, probe.Cancel).AsTask(),
            "a port of 0");
        await Expect.Throws<ArgumentOutOfRangeException>(
            () => probe.First.Register(probe.Instance("a"), TimeSpan.Zero, probe.Cancel).AsTask(),
            "a time to live of zero");
        await Expect.Throws<InvalidNameException>(
            () => probe.First.Find("*", probe.Cancel).AsTask(), "a pattern for a name");
    }
}
