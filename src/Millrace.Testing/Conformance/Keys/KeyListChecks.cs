namespace Millrace.Testing.Conformance.Keys;

/// <summary>Contains the checks of lists of keys.</summary>
internal static class KeyListChecks
{
    public static IReadOnlyList<(string Name, Func<KeyStoreProbe, Task> Run)> All { get; } =
    [
        ("Keys are listed in ordinal order of their ids, in pages of any size", Pages),
        ("A list without a limit has up to 100 keys, and a limit can be up to 1,000", Limits),
        ("Keys are listed by tenant, by subject, or by both", Filters),
        ("Keys that another master key wrapped are listed, without destroyed keys", Master_keys),
        ("A list contains keys of all states, with all their properties", States),
    ];

    private static async Task Pages(KeyStoreProbe probe)
    {
        var ids = new List<string>();
        // Ids that differ only in case, and characters whose order depends on the language.
        foreach (var prefix in new[] { "a", "B", "b", "A", "_", "-", "0", "9", "z", "Z", "aa", "a-", "a_", "aB", "ab" })
        {
            var id = (prefix + KeyStoreProbe.NewId())[..22];
            await probe.Store.Add(
                KeyStoreProbe.NewKey(KeyStoreProbe.Owner($"customer-{ids.Count}")) with { Id = id }, probe.Cancel);
            ids.Add(id);
        }
        ids.Sort(StringComparer.Ordinal);

        foreach (var limit in new[] { 1, 2, 7, ids.Count, 1_000 })
        {
            var listed = await probe.ListAll(new KeyQuery { Limit = limit });
            Expect.Same(ids, listed.Select(key => key.Id), $"the ids in pages of {limit}");
        }
        var rest = await probe.Store.List(new KeyQuery { After = ids[5] }, probe.Cancel);
        Expect.Same(ids.Skip(6), rest.Select(key => key.Id), "the ids after the sixth");
    }

    private static async Task Limits(KeyStoreProbe probe)
    {
        for (var i = 0; i < 103; i++)
            await probe.Add(KeyStoreProbe.Owner($"customer-{i}"));

        Expect.Equal(100, (await probe.Store.List(new KeyQuery(), probe.Cancel)).Count, "the keys without a limit");
        Expect.Equal(
            103,
            (await probe.Store.List(new KeyQuery { Limit = 1_000 }, probe.Cancel)).Count,
            "the keys with a limit of 1,000");
    }

    private static async Task Filters(KeyStoreProbe probe)
    {
        var keys = new List<KeyRecord>();
        foreach (var tenant in new[] { "", "north", "northwest" })
        {
            foreach (var subject in new[] { "", "customer-1", "customer-2" })
            {
                keys.Add(await probe.Add(new KeyOwner(tenant, subject, "personal")));
                keys.Add(await probe.Add(new KeyOwner(tenant, subject, "health")));
            }
        }

        foreach (var tenant in new[] { null, "", "north", "west" })
        {
            foreach (var subject in new[] { null, "", "customer-1", "customer-3" })
            {
                var expected = keys.Where(key => tenant is null || key.Owner.Tenant == tenant)
                    .Where(key => subject is null || key.Owner.Subject == subject)
                    .Select(key => key.Id)
                    .Order(StringComparer.Ordinal);
                var listed = await probe.ListAll(new KeyQuery { Tenant = tenant, Subject = subject, Limit = 5 });
                Expect.Same(
                    expected, listed.Select(key => key.Id), $"the keys of '{tenant ?? "any"}', '{subject ?? "any"}'");
            }
        }
    }

    private static async Task Master_keys(KeyStoreProbe probe)
    {
        var former = await probe.Add(KeyStoreProbe.Owner("customer-1"));
        var (retired, active) = await probe.AddTwo(KeyStoreProbe.Owner("customer-2"));
        await probe.Add(KeyStoreProbe.Owner("customer-3"), masterKey: "master-2");
        await probe.Destroy((await probe.Add(KeyStoreProbe.Owner("customer-4"))).Owner);

        var listed = await probe.ListAll(new KeyQuery { ExceptMasterKeyId = "master-2", Limit = 2 });
        var ofSubject = await probe.ListAll(
            new KeyQuery { ExceptMasterKeyId = "master-2", Subject = "customer-1", Tenant = "" });
        var none = await probe.ListAll(
            new KeyQuery { ExceptMasterKeyId = KeyStoreProbe.MasterKey, Subject = "customer-1" });

        Expect.Same(
            new[] { former.Id, retired.Id, active.Id }.Order(StringComparer.Ordinal),
            listed.Select(key => key.Id),
            "the keys that another master key wrapped");
        Expect.Equal(former.Id, ofSubject.One().Id, "the key of the subject");
        Expect.Equal(0, none.Count, "the number of keys that another master key than their own wrapped");
    }

    private static async Task States(KeyStoreProbe probe)
    {
        var (retired, active) = await probe.AddTwo(KeyStoreProbe.Owner("customer-1"));
        var destroyed = await probe.Add(KeyStoreProbe.Owner("customer-2"));
        await probe.Destroy(destroyed.Owner);

        var listed = (await probe.ListAll(new KeyQuery())).ToDictionary(key => key.Id, StringComparer.Ordinal);

        foreach (var key in new[]
        {
            retired, active, KeyStoreProbe.Destroyed(destroyed, KeyStoreProbe.DestroyedAt),
        })
            KeyStoreProbe.SameKey(key, listed.GetValueOrDefault(key.Id), $"the key in the state {key.State}");
        Expect.Equal(3, listed.Count, "the number of keys");
    }
}
