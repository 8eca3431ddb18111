namespace Millrace.Testing.Conformance.Keys;

/// <summary>Contains the checks of additions and lookups.</summary>
internal static class KeyAdditionChecks
{
    private const int Callers = 16;

    public static IReadOnlyList<(string Name, Func<KeyStoreProbe, Task> Run)> All { get; } =
    [
        ("An added key is stored exactly, with wrapped bytes of any length", Stored_exactly),
        ("Times are stored in microseconds, from any time zone", Times),
        ("Unknown ids are omitted, and a repeated id is found once", Unknown_ids),
        ("A thousand keys are found in one call", Many_ids),
        ("An owner without keys has no current key", No_key),
        ("A second key of an owner is not added, and the first key is returned", Second_key),
        ("Of 16 concurrent callers, one adds its key and the others get this key", Concurrent_callers),
        ("A key of an erased owner is not added, and the destroyed record is returned", After_destruction),
    ];

    private static async Task Stored_exactly(KeyStoreProbe probe)
    {
        foreach (var length in new[] { 1, 60, 256, 5_000 })
        {
            var key = await probe.Add(KeyStoreProbe.Owner($"customer-{length}"), length);
            KeyStoreProbe.SameKey(key, await probe.Find(key.Id), "the found key");
            KeyStoreProbe.SameKey(key, await probe.FindCurrent(key.Owner), "the current key");
        }
    }

    private static async Task Times(KeyStoreProbe probe)
    {
        var key = KeyStoreProbe.NewKey(KeyStoreProbe.Owner()) with
        {
            CreatedAt = KeyStoreProbe.CreatedAt.AddTicks(7).ToOffset(TimeSpan.FromHours(5.5)),
        };
        await probe.Store.Add(key, probe.Cancel);
        await probe.Store.Destroy(key.Owner, KeyStoreProbe.DestroyedAt.ToOffset(-TimeSpan.FromHours(8)), probe.Cancel);

        var found = Expect.NotNull(await probe.Find(key.Id), "the key");

        Expect.True(
            (key.CreatedAt - found.CreatedAt).Duration() < TimeSpan.FromMicroseconds(1),
            $"the time of the creation: expected {key.CreatedAt:O}, but was {found.CreatedAt:O}");
        Expect.Equal(KeyStoreProbe.DestroyedAt, found.DestroyedAt, "the time of the destruction");
    }

    private static async Task Unknown_ids(KeyStoreProbe probe)
    {
        var key = await probe.Add(KeyStoreProbe.Owner());
        var otherCase = string.Concat(key.Id.Select(letter =>
            char.IsUpper(letter) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter)));

        var found = await probe.Store.Find(
            [KeyStoreProbe.NewId(), key.Id, "", key.Id[..^1], otherCase, key.Id, "'; --"], probe.Cancel);

        KeyStoreProbe.SameKey(key, found.One(), "the found key");
        Expect.Equal(0, (await probe.Store.Find([], probe.Cancel)).Count, "the number of keys found without ids");
    }

    private static async Task Many_ids(KeyStoreProbe probe)
    {
        var keys = new List<KeyRecord>();
        for (var i = 0; i < 50; i++)
            keys.Add(await probe.Add(KeyStoreProbe.Owner($"customer-{i}")));
        string[] ids = [.. Enumerable.Range(0, 950).Select(_ => KeyStoreProbe.NewId()), .. keys.Select(key => key.Id)];

        var found = await probe.Store.Find(ids, probe.Cancel);

        Expect.Same(
            keys.Select(key => key.Id).Order(StringComparer.Ordinal),
            found.Select(key => key.Id).Order(StringComparer.Ordinal),
            "the found keys");
    }

    private static async Task No_key(KeyStoreProbe probe)
    {
        await probe.Add(KeyStoreProbe.Owner("customer-1"));

        Expect.True(
            await probe.FindCurrent(KeyStoreProbe.Owner("customer-2")) is null, "another owner has a current key");
        Expect.True(
            await probe.FindCurrent(KeyStoreProbe.Owner("customer-1", "health")) is null,
            "another kind of data has a current key");
    }

    private static async Task Second_key(KeyStoreProbe probe)
    {
        var first = await probe.Add(KeyStoreProbe.Owner());
        var second = KeyStoreProbe.NewKey(first.Owner);

        KeyStoreProbe.SameKey(first, await probe.Store.Add(second, probe.Cancel), "the result of the addition");
        Expect.True(await probe.Find(second.Id) is null, "the second key was added");
    }

    private static async Task Concurrent_callers(KeyStoreProbe probe)
    {
        var another = await probe.OpenAnother();
        for (var round = 0; round < 5; round++)
        {
            var owner = KeyStoreProbe.Owner($"customer-{round}");
            var offered = Enumerable.Range(0, Callers).Select(_ => KeyStoreProbe.NewKey(owner)).ToArray();

            var returned = await Task.WhenAll(offered.Select((key, caller) => Task.Run(
                async () => await (caller % 2 == 0 ? probe.Store : another).Add(key, probe.Cancel), probe.Cancel)));

            var current = Expect.NotNull(await probe.FindCurrent(owner), "the current key");
            foreach (var key in returned)
                KeyStoreProbe.SameKey(current, key, "the result of an addition");
            var added = await probe.Store.Find([.. offered.Select(key => key.Id)], probe.Cancel);
            Expect.Equal(1, added.Count, "the number of added keys");
        }
    }

    private static async Task After_destruction(KeyStoreProbe probe)
    {
        var (_, active) = await probe.AddTwo(KeyStoreProbe.Owner());
        await probe.Destroy(active.Owner);
        var late = KeyStoreProbe.NewKey(active.Owner);

        var returned = await probe.Store.Add(late, probe.Cancel);

        Expect.Equal(KeyState.Destroyed, returned.State, "the state of the returned record");
        Expect.Equal(active.Owner, returned.Owner, "the owner of the returned record");
        Expect.True(await probe.Find(late.Id) is null, "the key of an erased owner was added");
        Expect.Equal(
            KeyState.Destroyed, (await probe.FindCurrent(active.Owner))?.State, "the state of the current key");
    }
}
