using Millrace.Storage;

namespace Millrace.Testing.Conformance.Keys;

/// <summary>Contains the checks of opening, closing and cancellation.</summary>
internal static class KeyStoreLifetimeChecks
{
    private const int SaltBytes = 32;

    public static IReadOnlyList<(string Name, Func<KeyStoreProbe, Task> Run)> All { get; } =
    [
        ("The identity of a key store has an id and a salt of 32 bytes, and never changes", Identity),
        ("Two key stores have different identities", Different_identities),
        ("Opening an open key store changes nothing and returns the identity", Opened_twice),
        ("Keys in all states survive a reopen with their owners, bytes and times", Survives_reopen),
        ("A key that one process adds or destroys is visible to another process", Seen_by_others),
        ("A key store has a description", Description),
        ("A cancelled operation throws OperationCanceledException and changes nothing", Cancellation),
        ("A disposed key store throws KeyStoreException, and can be disposed again", Disposed),
    ];

    private static async Task Identity(KeyStoreProbe probe)
    {
        var first = await probe.Open();
        var another = await (await probe.OpenAnother()).Open(probe.Cancel);
        await probe.Add(KeyStoreProbe.Owner());
        var second = await probe.Reopen();

        Expect.True(first.Id != Guid.Empty, "the id is empty");
        Expect.Equal(SaltBytes, first.Salt.Length, "the length of the salt");
        foreach (var (identity, when) in new[] { (another, "in another process"), (second, "after a reopen") })
        {
            Expect.Equal(first.Id, identity.Id, $"the id {when}");
            Expect.SameBytes(first.Salt, identity.Salt, $"the salt {when}");
        }
    }

    private static async Task Different_identities(KeyStoreProbe probe)
    {
        var first = await probe.Open();
        var different = await probe.OpenDifferent();

        Expect.True(first.Id != different.Id, "two key stores have the same id");
        Expect.True(!first.Salt.Span.SequenceEqual(different.Salt.Span), "two key stores have the same salt");
        Expect.True(first.Salt.Span.ContainsAnyExcept(first.Salt.Span[0]), "the salt is not random");
    }

    private static async Task Opened_twice(KeyStoreProbe probe)
    {
        var first = await probe.Open();
        var key = await probe.Add(KeyStoreProbe.Owner());

        var second = await probe.Open();

        Expect.Equal(first.Id, second.Id, "the id");
        KeyStoreProbe.SameKey(key, await probe.Find(key.Id), "the key");
    }

    private static async Task Survives_reopen(KeyStoreProbe probe)
    {
        var (retired, active) = await probe.AddTwo(KeyStoreProbe.Owner("customer-1"));
        var destroyed = await probe.Add(KeyStoreProbe.Owner("customer-2", tenant: "north"));
        await probe.Destroy(destroyed.Owner);

        await probe.Reopen();

        KeyStoreProbe.SameKey(retired, await probe.Find(retired.Id), "the retired key");
        KeyStoreProbe.SameKey(active, await probe.Find(active.Id), "the active key");
        KeyStoreProbe.SameKey(
            KeyStoreProbe.Destroyed(destroyed, KeyStoreProbe.DestroyedAt),
            await probe.Find(destroyed.Id),
            "the destroyed key");
        Expect.Equal(active.Id, (await probe.FindCurrent(active.Owner))?.Id, "the current key");
        Expect.Equal(
            KeyState.Destroyed, (await probe.FindCurrent(destroyed.Owner))?.State, "the state of the current key");
    }

    private static async Task Seen_by_others(KeyStoreProbe probe)
    {
        var another = await probe.OpenAnother();
        var key = await probe.Add(KeyStoreProbe.Owner());
        KeyStoreProbe.SameKey(key, await another.FindCurrent(key.Owner, probe.Cancel), "the key in another process");

        await another.Destroy(key.Owner, KeyStoreProbe.DestroyedAt, probe.Cancel);

        Expect.Equal(KeyState.Destroyed, (await probe.Find(key.Id))?.State, "the state in the first process");
    }

    private static Task Description(KeyStoreProbe probe)
    {
        Expect.True(!string.IsNullOrWhiteSpace(probe.Store.Description), "the description is empty");
        return Task.CompletedTask;
    }

    private static async Task Cancellation(KeyStoreProbe probe)
    {
        var key = await probe.Add(KeyStoreProbe.Owner());
        var other = KeyStoreProbe.NewKey(KeyStoreProbe.Owner("customer-2"));
        foreach (var (name, call) in Calls(probe, key, other, new CancellationToken(canceled: true)))
            await Expect.Throws<OperationCanceledException>(call, $"a cancelled {name}");

        KeyStoreProbe.SameKey(key, await probe.FindCurrent(key.Owner), "the key");
        Expect.Equal(1, (await probe.ListAll(new KeyQuery())).Count, "the number of keys");
    }

    private static async Task Disposed(KeyStoreProbe probe)
    {
        var key = await probe.Add(KeyStoreProbe.Owner());
        var other = KeyStoreProbe.NewKey(KeyStoreProbe.Owner("customer-2"));
        await probe.Store.DisposeAsync();
        await probe.Store.DisposeAsync();

        foreach (var (name, call) in Calls(probe, key, other, probe.Cancel))
        {
            var refused = await Expect.Throws<KeyStoreException>(call, $"{name} of a disposed key store");
            Expect.Equal(StorageProblem.Closed, refused.Problem, $"the problem of {name}");
        }
    }

    private static (string Name, Func<Task> Call)[] Calls(
        KeyStoreProbe probe, KeyRecord key, KeyRecord other, CancellationToken cancel) =>
    [
        ("Find", async () => await probe.Store.Find([key.Id], cancel)),
        ("FindCurrent", async () => await probe.Store.FindCurrent(key.Owner, cancel)),
        ("Add", async () => await probe.Store.Add(other, cancel)),
        ("Replace", async () => await probe.Store.Replace(KeyStoreProbe.NewKey(key.Owner), key.Id, cancel)),
        ("Rewrap", async () => await probe.Store.Rewrap(
            key with { MasterKeyId = "master-2" }, key.MasterKeyId, cancel)),
        ("Destroy", async () => await probe.Store.Destroy(key.Owner, KeyStoreProbe.DestroyedAt, cancel)),
        ("List", async () => await probe.Store.List(new KeyQuery(), cancel)),
    ];
}
