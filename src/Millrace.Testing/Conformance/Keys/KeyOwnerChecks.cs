namespace Millrace.Testing.Conformance.Keys;

/// <summary>Contains the checks that keys of different owners never mix.</summary>
internal static class KeyOwnerChecks
{
    private const int LongLength = 512;

    private static readonly KeyOwner[] Owners =
    [
        new("a", "b-c", "k"), new("a-b", "c", "k"), new("", "a-b-c", "k"), new("a", "b", "c-k"),
        new("a", "b", "ck"), new("a", "bc", "k"), new("ab", "c", "k"), new("", "abc", "k"), new("abc", "", "k"),
        new("a", "b/c", "k"), new("a/b", "c", "k"), new("a", "b\u001fc", "k"), new("a\u001fb", "c", "k"),
        new("a", "b|c", "k"), new("a|b", "c", "k"), new("a", "b\nc", "k"), new("a\nb", "c", "k"),
        new("", "customer-1", "personal"), new("", "customer-10", "personal"),
        new("", "customer-1 ", "personal"),
        new("", "Customer-1", "personal"), new("", "customer-%", "personal"), new("", "customer-_", "personal"),
        new("", "", "personal"), new("", "", "secret"), new("north", "", "personal"), new(" ", "", "personal"),
        new("", "é", "personal"), new("", "e\u0301", "personal"), new("", "e", "personal"), new("", "E", "personal"),
        new("", "ß", "personal"), new("", "ss", "personal"), new("", "😀", "personal"), new("", "日本", "personal"),
        new("", "'; DROP TABLE keys; --", "personal"), new("", "\\", "personal"), new("", "\"", "personal"),
        new("", new string('x', LongLength), "personal"), new("", new string('x', LongLength - 1), "personal"),
        new("", new string('日', LongLength), "personal"), new(new string('t', 40), new string('日', LongLength), "k"),
    ];

    public static IReadOnlyList<(string Name, Func<KeyStoreProbe, Task> Run)> All { get; } =
    [
        ("Owners whose parts contain separators, or are prefixes of each other, have different keys", Different),
        ("Destroying the keys of an owner affects no similar owner", Destroyed_apart),
        ("Listing the keys of a subject finds no similar subject", Listed_apart),
    ];

    private static async Task Different(KeyStoreProbe probe)
    {
        var keys = await AddAll(probe);

        foreach (var (owner, key) in keys)
            KeyStoreProbe.SameKey(key, await probe.FindCurrent(owner), $"the key of {owner}");
    }

    private static async Task Destroyed_apart(KeyStoreProbe probe)
    {
        var keys = await AddAll(probe);
        var destroyed = new HashSet<string>(StringComparer.Ordinal);

        foreach (var owner in Owners.Where(owner => owner.Subject.Length > 0))
        {
            Expect.Same([keys[owner].Id], await probe.Destroy(owner), $"the destroyed keys of {owner}");
            destroyed.Add(keys[owner].Id);
            foreach (var (other, key) in keys)
            {
                var isDestroyed = (await probe.Find(key.Id))?.State == KeyState.Destroyed;
                Expect.Equal(
                    destroyed.Contains(key.Id), isDestroyed, $"whether the key of {other} is destroyed after {owner}");
            }
        }
    }

    private static async Task Listed_apart(KeyStoreProbe probe)
    {
        var keys = await AddAll(probe);

        foreach (var owner in Owners)
        {
            var listed = await probe.ListAll(new KeyQuery { Tenant = owner.Tenant, Subject = owner.Subject });
            Expect.Same(
                Ids(Owners.Where(other => (other.Tenant, other.Subject) == (owner.Tenant, owner.Subject))),
                listed.Select(key => key.Id),
                $"the keys of {owner}");
        }
        return;

        IEnumerable<string> Ids(IEnumerable<KeyOwner> owners) =>
            owners.Select(owner => keys[owner].Id).Order(StringComparer.Ordinal);
    }

    private static async Task<Dictionary<KeyOwner, KeyRecord>> AddAll(KeyStoreProbe probe)
    {
        var keys = new Dictionary<KeyOwner, KeyRecord>();
        foreach (var owner in Owners)
            keys.Add(owner, await probe.Add(owner));
        return keys;
    }
}
