namespace Millrace.Testing;

/// <summary>What every registry of services promises.</summary>
internal static class RegistryChecks
{
    public static IReadOnlyList<(string Name, Func<RegistryProbe, Task> Run)> All { get; } =
    [
        ("An instance that is registered is found by others at once, with all that it says", Registered),
        ("An instance that is registered again takes its own place", Again),
        ("A critical instance is listed and not found, until it is well", Critical),
        ("An instance that is taken out is not found, and taking it out again does nothing", Taken_out),
        ("An instance that is not heard of is gone after its time to live, and the others stay", Gone),
        ("An instance that is heard of stays", Heard),
        ("Who is gone and heard of again is told to register", Forgotten),
        ("Services of different names know nothing of each other", Apart),
        ("Who watches is told what is there, and of each that comes, goes or falls ill", Watched),
        ("What cannot be registered is refused", Refused),
    ];

    private static async Task Registered(RegistryProbe probe)
    {
        var given = probe.Instance("b", 8081) with { Tags = ["v2", "é"] };
        await probe.First.Register(given, RegistryProbe.Long, probe.Cancel);
        await probe.First.Register(probe.Instance("a"), RegistryProbe.Long, probe.Cancel);

        var found = await probe.Second.Find(probe.Name(), probe.Cancel);

        Expect.Same(["a", "b"], found.Select(static one => one.Id), "the instances");
        Expect.Equal(given with { Tags = [] }, found[1] with { Tags = [], LastCheck = default }, "the instance");
        Expect.Same(given.Tags, found[1].Tags, "the tags");
        Expect.True(found[1].LastCheck > DateTimeOffset.UnixEpoch, "it is not told when it was last heard of");
        Expect.Equal(new Uri("http://127.0.0.1:8081/"), found[1].Url, "the address");
    }

    private static async Task Again(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a", 1), RegistryProbe.Short, probe.Cancel);
        await probe.First.Register(probe.Instance("a", 2), RegistryProbe.Long, probe.Cancel);

        var found = await probe.Second.Find(probe.Name(), probe.Cancel);

        Expect.Same([2], found.Select(static one => one.Port), "the ports");
        Expect.True(
            await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel),
            "it is not there any more");
    }

    private static async Task Critical(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.Long, probe.Cancel);

        await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Critical, probe.Cancel);
        var ill = await probe.Found(probe.Second);
        var listed = (await probe.Second.List(probe.Cancel)).Where(one => one.Name == probe.Name()).ToList();
        await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel);

        Expect.Equal("", ill, "what is found while it is critical");
        Expect.Same([ServiceHealth.Critical], listed.Select(static one => one.Health), "the health that is listed");
        Expect.Equal("a", await probe.Found(probe.Second), "what is found when it is well");
    }

    private static async Task Taken_out(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.Long, probe.Cancel);
        await probe.First.Register(probe.Instance("b"), RegistryProbe.Long, probe.Cancel);

        await probe.First.Deregister(probe.Name(), "a", probe.Cancel);
        await probe.First.Deregister(probe.Name(), "a", probe.Cancel);

        Expect.Equal("b", await probe.Found(probe.Second), "what is found");
        Expect.True(
            !await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel),
            "it is heard of though it was taken out");
    }

    private static async Task Gone(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("living"), RegistryProbe.Long, probe.Cancel);
        await probe.First.Register(probe.Instance("dead"), RegistryProbe.Long, probe.Cancel);
        Expect.Equal("dead living", await probe.Found(probe.Second), "what is found at first");

        await probe.First.Register(probe.Instance("dead"), RegistryProbe.Short, probe.Cancel);
        await probe.FoundBecomes("living");

        Expect.True(
            (await probe.Second.List(probe.Cancel)).All(one => one.Name != probe.Name() || one.Id == "living"),
            "the dead one is listed");
    }

    private static async Task Heard(RegistryProbe probe)
    {
        var started = await Register();
        for (var heard = started; TimeProvider.System.GetElapsedTime(started) < RegistryProbe.Short * 2;)
        {
            var hears = TimeProvider.System.GetTimestamp();
            var isThere = await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel);
            var found = await probe.Found(probe.Second);
            if (TimeProvider.System.GetElapsedTime(heard) >= RegistryProbe.Short)
            {
                // The machine stood still, and nobody heard of it for so long: once more.
                started = heard = await Register();
                continue;
            }
            Expect.True(isThere, "it was forgotten though it was heard of");
            Expect.Equal("a", found, "what is found");
            heard = hears;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, probe.Cancel);
        }

        async Task<long> Register()
        {
            var begun = TimeProvider.System.GetTimestamp();
            await probe.First.Register(probe.Instance("a"), RegistryProbe.Short, probe.Cancel);
            return begun;
        }
    }

    private static async Task Forgotten(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.Short, probe.Cancel);
        await probe.FoundBecomes("");

        var isThere = await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Passing, probe.Cancel);
        await probe.First.Register(probe.Instance("a"), RegistryProbe.Long, probe.Cancel);

        Expect.True(!isThere, "one that is gone was heard of");
        Expect.Equal("a", await probe.Found(probe.Second), "what is found when it has registered again");
    }

    private static async Task Apart(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.Long, probe.Cancel);
        await probe.First.Register(
            probe.Instance("a", name: probe.Name("stock.more")), RegistryProbe.Long, probe.Cancel);

        await probe.First.Deregister(probe.Name("stock.more"), "a", probe.Cancel);

        Expect.Equal("a", await probe.Found(probe.Second), "what is found");
        Expect.Equal("", await probe.Found(probe.Second, probe.Name("stock.more")), "what is found of the other");
    }

    private static async Task Watched(RegistryProbe probe)
    {
        await probe.First.Register(probe.Instance("a"), RegistryProbe.Long, probe.Cancel);
        await using var watch = probe.Second.Watch(probe.Name(), probe.Cancel).GetAsyncEnumerator(probe.Cancel);

        async Task ExpectNext(string wanted)
        {
            string seen;
            do
            {
                Expect.True(await watch.MoveNextAsync(), "the watch has ended");
                seen = string.Join(' ', watch.Current.Select(static one => one.Id));
            }
            while (seen != wanted);
        }

        await ExpectNext("a");
        await probe.First.Register(probe.Instance("b"), RegistryProbe.Long, probe.Cancel);
        await ExpectNext("a b");
        await probe.First.Heartbeat(probe.Name(), "a", ServiceHealth.Critical, probe.Cancel);
        await ExpectNext("b");
        await probe.First.Register(probe.Instance("b"), RegistryProbe.Short, probe.Cancel);
        await ExpectNext(""); // It was not heard of.
    }

    private static async Task Refused(RegistryProbe probe)
    {
        await Expect.Throws<InvalidNameException>(
            () =>
                probe
                    .First.Register(probe.Instance("a", name: "Stock Room"), RegistryProbe.Long, probe.Cancel)
                    .AsTask(),
            "a bad name");
        await Expect.Throws<InvalidNameException>(
            () => probe.First.Register(probe.Instance("a/b"), RegistryProbe.Long, probe.Cancel).AsTask(), "a bad id");
        await Expect.Throws<ArgumentOutOfRangeException>(
            () => probe.First.Register(probe.Instance("a", 0), RegistryProbe.Long, probe.Cancel).AsTask(),
            "a port of 0");
        await Expect.Throws<ArgumentOutOfRangeException>(
            () => probe.First.Register(probe.Instance("a"), TimeSpan.Zero, probe.Cancel).AsTask(),
            "no time to live");
        await Expect.Throws<InvalidNameException>(
            () => probe.First.Find("*", probe.Cancel).AsTask(), "a pattern for a name");
    }
}
