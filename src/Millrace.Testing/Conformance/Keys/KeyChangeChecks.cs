namespace Millrace.Testing.Conformance.Keys;

/// <summary>Contains the checks of rotations: replaced keys and changed master keys.</summary>
internal static class KeyChangeChecks
{
    private const string OtherMasterKey = "master-2";

    public static IReadOnlyList<(string Name, Func<KeyStoreProbe, Task> Run)> All { get; } =
    [
        ("A replaced key is retired and still found, and the new key is current", Replaced),
        ("Only the active key of the owner is replaced", Only_the_active_key),
        ("Of concurrent replacements of a key, one succeeds", Concurrent_replacements),
        ("A rewrapped key has the new bytes and master key, and keeps its state, owner and times", Rewrapped),
        ("A key is rewrapped only if the given master key wrapped it", Compare_and_set),
        ("A destroyed key is never rewrapped", Never_revived),
    ];

    private static async Task Replaced(KeyStoreProbe probe)
    {
        var other = await probe.Add(KeyStoreProbe.Owner("customer-1", "health"));
        var (retired, active) = await probe.AddTwo(KeyStoreProbe.Owner());

        KeyStoreProbe.SameKey(retired, await probe.Find(retired.Id), "the retired key");
        KeyStoreProbe.SameKey(active, await probe.FindCurrent(active.Owner), "the current key");
        KeyStoreProbe.SameKey(other, await probe.FindCurrent(other.Owner), "the key of another owner");
    }

    private static async Task Only_the_active_key(KeyStoreProbe probe)
    {
        var (retired, active) = await probe.AddTwo(KeyStoreProbe.Owner("customer-1"));
        var other = await probe.Add(KeyStoreProbe.Owner("customer-2"));
        var destroyed = await probe.Add(KeyStoreProbe.Owner("customer-3"));
        await probe.Destroy(destroyed.Owner);

        foreach (var (owner, replaced) in new[]
        {
            (active.Owner, retired.Id), (active.Owner, other.Id), (active.Owner, KeyStoreProbe.NewId()),
            (destroyed.Owner, destroyed.Id), (KeyStoreProbe.Owner("customer-4"), active.Id),
        })
        {
            var key = KeyStoreProbe.NewKey(owner);
            Expect.True(
                !await probe.Store.Replace(key, replaced, probe.Cancel), $"a key of {owner} replaced another key");
            Expect.True(await probe.Find(key.Id) is null, $"a refused key of {owner} was added");
        }
        KeyStoreProbe.SameKey(active, await probe.FindCurrent(active.Owner), "the active key");
        KeyStoreProbe.SameKey(other, await probe.FindCurrent(other.Owner), "the key of another owner");
    }

    private static async Task Concurrent_replacements(KeyStoreProbe probe)
    {
        var another = await probe.OpenAnother();
        var first = await probe.Add(KeyStoreProbe.Owner());
        var offered = Enumerable.Range(0, 8).Select(_ => KeyStoreProbe.NewKey(first.Owner)).ToArray();

        var results = await Task.WhenAll(offered.Select((key, caller) => Task.Run(
            async () => await (caller % 2 == 0 ? probe.Store : another).Replace(key, first.Id, probe.Cancel),
            probe.Cancel)));

        Expect.Equal(1, results.Count(isReplaced => isReplaced), "the number of successful replacements");
        Expect.Equal(
            offered[Array.IndexOf(results, true)].Id, (await probe.FindCurrent(first.Owner))?.Id, "the current key");
        Expect.Equal(2, (await probe.ListAll(new KeyQuery())).Count, "the number of keys");
    }

    private static async Task Rewrapped(KeyStoreProbe probe)
    {
        var (retired, active) = await probe.AddTwo(KeyStoreProbe.Owner());
        foreach (var (key, length) in new[] { (retired, 60), (active, 300) })
        {
            var rewrapped = key with
            {
                Wrapped = KeyStoreProbe.NewKey(key.Owner, length).Wrapped,
                MasterKeyId = OtherMasterKey,
            };
            // The stored state, owner and time apply.
            var offered = rewrapped with
            {
                State = KeyState.Destroyed,
                Owner = KeyStoreProbe.Owner("customer-9"),
                CreatedAt = KeyStoreProbe.DestroyedAt,
            };

            Expect.True(await probe.Store.Rewrap(offered, key.MasterKeyId, probe.Cancel), "a key was not rewrapped");

            KeyStoreProbe.SameKey(rewrapped, await probe.Find(key.Id), "the rewrapped key");
        }
        await probe.Reopen();
        Expect.Equal(OtherMasterKey, (await probe.Find(active.Id))?.MasterKeyId, "the master key after a reopen");
    }

    private static async Task Compare_and_set(KeyStoreProbe probe)
    {
        var key = await probe.Add(KeyStoreProbe.Owner());
        var rewrapped = KeyStoreProbe.NewKey(key.Owner) with { Id = key.Id, MasterKeyId = OtherMasterKey };

        Expect.True(
            !await probe.Store.Rewrap(rewrapped, OtherMasterKey, probe.Cancel),
            "a key that another master key wrapped was rewrapped");
        Expect.True(
            !await probe.Store.Rewrap(KeyStoreProbe.NewKey(key.Owner), key.MasterKeyId, probe.Cancel),
            "an unknown key was rewrapped");
        KeyStoreProbe.SameKey(key, await probe.Find(key.Id), "the key");
        Expect.Equal(1, (await probe.ListAll(new KeyQuery())).Count, "the number of keys");
    }

    private static async Task Never_revived(KeyStoreProbe probe)
    {
        var key = await probe.Add(KeyStoreProbe.Owner());
        await probe.Destroy(key.Owner);

        foreach (var former in new[] { key.MasterKeyId, "" })
        {
            Expect.True(
                !await probe.Store.Rewrap(key with { MasterKeyId = OtherMasterKey }, former, probe.Cancel),
                "a destroyed key was rewrapped");
        }

        KeyStoreProbe.SameKey(
            KeyStoreProbe.Destroyed(key, KeyStoreProbe.DestroyedAt), await probe.Find(key.Id), "the destroyed key");
    }
}
