namespace Millrace.Testing.Conformance.Keys;

/// <summary>Contains the checks of destroyed keys.</summary>
internal static class KeyDestructionChecks
{
    public static IReadOnlyList<(string Name, Func<KeyStoreProbe, Task> Run)> All { get; } =
    [
        ("Destroying an owner's keys returns their ids and removes the bytes of active and retired keys", Destroyed),
        ("Destroying an owner's keys again returns no ids and keeps the first time", Repeated),
        ("Destroying the keys of an owner without keys adds a destroyed record", Tombstone),
        ("Destroying one kind of data keeps the other kinds of the subject", One_kind),
        ("Destroying all kinds of data covers existing and later kinds of the subject", All_kinds),
        ("Destroying all kinds of data affects no other subject and no other tenant", Others_unaffected),
        ("After all kinds are destroyed, the current record of a kind is its own destroyed key", Exact_ids),
        ("A key that is added or replaced while its subject is destroyed does not remain active", Concurrent),
        ("The keys of data without a data subject cannot be destroyed", Without_subject),
    ];

    private static readonly KeyOwner AllKinds = KeyStoreProbe.Owner(kind: KeyOwner.AllKinds);

    private static async Task Destroyed(KeyStoreProbe probe)
    {
        var (retired, active) = await probe.AddTwo(KeyStoreProbe.Owner());

        var ids = await probe.Destroy(active.Owner);

        Expect.Same(Ordered(retired.Id, active.Id), Ordered([.. ids]), "the ids of the destroyed keys");
        foreach (var key in new[] { retired, active })
        {
            KeyStoreProbe.SameKey(
                KeyStoreProbe.Destroyed(key, KeyStoreProbe.DestroyedAt), await probe.Find(key.Id), "a destroyed key");
        }
        Expect.Equal(2, (await probe.ListAll(new KeyQuery())).Count, "the number of records");
    }

    private static async Task Repeated(KeyStoreProbe probe)
    {
        var key = await probe.Add(KeyStoreProbe.Owner());
        await probe.Destroy(key.Owner);

        var again = await probe.Store.Destroy(key.Owner, KeyStoreProbe.DestroyedAt.AddDays(1), probe.Cancel);

        Expect.Equal(0, again.Count, "the number of keys that the second call destroyed");
        Expect.Equal(
            KeyStoreProbe.DestroyedAt, (await probe.Find(key.Id))?.DestroyedAt, "the time of the destruction");
        Expect.Equal(1, (await probe.ListAll(new KeyQuery())).Count, "the number of records");
    }

    private static async Task Tombstone(KeyStoreProbe probe)
    {
        foreach (var owner in new[] { KeyStoreProbe.Owner(), KeyStoreProbe.Owner("customer-2", KeyOwner.AllKinds) })
        {
            var ids = await probe.Destroy(owner);
            var again = await probe.Destroy(owner);
            var listed = (await probe.ListAll(new KeyQuery { Subject = owner.Subject })).One();

            Expect.Equal(0, ids.Count + again.Count, "the number of destroyed keys");
            Expect.True(listed.Id.Length > 0, "the destroyed record has no id");
            Expect.Equal(owner, listed.Owner, "the owner of the destroyed record");
            Expect.Equal(KeyState.Destroyed, listed.State, "the state of the record");
            Expect.Equal(KeyStoreProbe.DestroyedAt, listed.DestroyedAt, "the time of the destruction");
            var added = await probe.Store.Add(
                KeyStoreProbe.NewKey(KeyStoreProbe.Owner(owner.Subject)), probe.Cancel);
            KeyStoreProbe.SameKey(listed, added, "the result of a later addition");
        }
    }

    private static async Task One_kind(KeyStoreProbe probe)
    {
        var personal = await probe.Add(KeyStoreProbe.Owner());
        var health = await probe.Add(KeyStoreProbe.Owner(kind: "health"));

        Expect.Same([personal.Id], await probe.Destroy(personal.Owner), "the ids of the destroyed keys");

        KeyStoreProbe.SameKey(health, await probe.FindCurrent(health.Owner), "the key of another kind");
        await probe.Add(KeyStoreProbe.Owner(kind: "payment"));
    }

    private static async Task All_kinds(KeyStoreProbe probe)
    {
        var (retired, active) = await probe.AddTwo(KeyStoreProbe.Owner());
        var health = await probe.Add(KeyStoreProbe.Owner(kind: "health"));

        var ids = await probe.Destroy(AllKinds);

        Expect.Same(
            Ordered(retired.Id, active.Id, health.Id), Ordered([.. ids]), "the ids of the destroyed keys");
        await probe.Reopen();
        foreach (var kind in new[] { "personal", "health", "payment", KeyOwner.AllKinds })
        {
            var owner = KeyStoreProbe.Owner(kind: kind);
            Expect.Equal(KeyState.Destroyed, (await probe.FindCurrent(owner))?.State, $"the state of the kind {kind}");
            var late = KeyStoreProbe.NewKey(owner);
            var added = await probe.Store.Add(late, probe.Cancel);
            Expect.Equal(KeyState.Destroyed, added.State, $"the state of a later key of the kind {kind}");
            Expect.True(await probe.Find(late.Id) is null, $"a later key of the kind {kind} was added");
        }
        Expect.Equal(0, (await probe.Destroy(AllKinds)).Count, "the number of keys that the second call destroyed");
    }

    private static async Task Others_unaffected(KeyStoreProbe probe)
    {
        await probe.Add(KeyStoreProbe.Owner(tenant: "north"));
        KeyRecord[] others =
        [
            await probe.Add(KeyStoreProbe.Owner(tenant: "south")),
            await probe.Add(KeyStoreProbe.Owner()),
            await probe.Add(KeyStoreProbe.Owner("customer-11", tenant: "north")),
            await probe.Add(KeyStoreProbe.Owner("", "secret", "north")),
        ];

        await probe.Destroy(KeyStoreProbe.Owner(kind: KeyOwner.AllKinds, tenant: "north"));

        foreach (var other in others)
            KeyStoreProbe.SameKey(other, await probe.FindCurrent(other.Owner), $"the key of {other.Owner}");
        await probe.Add(KeyStoreProbe.Owner("customer-12", tenant: "north"));
        await probe.Add(KeyStoreProbe.Owner("", "derived", "north"));
    }

    private static async Task Exact_ids(KeyStoreProbe probe)
    {
        var health = await probe.Add(KeyStoreProbe.Owner(kind: "health"));
        await probe.Destroy(AllKinds);

        var ids = await probe.Destroy(health.Owner);

        Expect.Equal(0, ids.Count, "the number of keys that were destroyed twice");
        Expect.Equal(health.Id, (await probe.FindCurrent(health.Owner))?.Id, "the id of the owner's own record");
    }

    private static async Task Concurrent(KeyStoreProbe probe)
    {
        var another = await probe.OpenAnother();
        for (var round = 0; round < 15; round++)
        {
            var owner = KeyStoreProbe.Owner($"customer-{round}");
            var first = await probe.Add(owner with { Kind = "health" });
            await Task.WhenAll(
                Task.Run(async () => await probe.Store.Add(KeyStoreProbe.NewKey(owner), probe.Cancel), probe.Cancel),
                Task.Run(
                    async () => await another.Replace(KeyStoreProbe.NewKey(first.Owner), first.Id, probe.Cancel),
                    probe.Cancel),
                Task.Run(
                    async () => await another.Destroy(
                        owner with { Kind = KeyOwner.AllKinds }, KeyStoreProbe.DestroyedAt, probe.Cancel),
                    probe.Cancel));

            foreach (var key in await probe.ListAll(new KeyQuery { Subject = owner.Subject }))
                Expect.Equal(KeyState.Destroyed, key.State, $"the state of a key of {key.Owner}");
        }
    }

    private static async Task Without_subject(KeyStoreProbe probe)
    {
        var key = await probe.Add(KeyStoreProbe.Owner("", "secret"));

        await Expect.Throws<ArgumentException>(() => probe.Destroy(key.Owner), "an owner without a subject");
        await Expect.Throws<ArgumentException>(
            () => probe.Destroy(KeyStoreProbe.Owner("", KeyOwner.AllKinds)), "all kinds without a subject");

        KeyStoreProbe.SameKey(key, await probe.FindCurrent(key.Owner), "the key");
    }

    private static IEnumerable<string> Ordered(params string[] ids) => ids.Order(StringComparer.Ordinal);
}
