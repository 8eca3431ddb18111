using System.Security.Cryptography;

namespace Millrace.Testing.Conformance.Keys;

/// <summary>A key store under test, and the operations that the checks share.</summary>
internal sealed class KeyStoreProbe(KeyStoreConformance suite, IKeyStore store, CancellationToken cancel)
    : IAsyncDisposable
{
    public const string MasterKey = "master-1";

    /// <summary>A time with microseconds, in whose digits a rounded or truncated time differs.</summary>
    public static readonly DateTimeOffset CreatedAt =
        new DateTimeOffset(2026, 3, 29, 1, 59, 59, TimeSpan.Zero).AddTicks(9_999_990);

    public static readonly DateTimeOffset DestroyedAt =
        new DateTimeOffset(2027, 12, 31, 23, 59, 59, TimeSpan.Zero).AddTicks(1_234_560);

    private readonly List<IKeyStore> _opened = [store];

    public IKeyStore Store { get; private set; } = store;

    public CancellationToken Cancel { get; } = cancel;

    /// <summary>Returns a new active key with random bytes.</summary>
    public static KeyRecord NewKey(KeyOwner owner, int wrappedBytes = 60, string masterKey = MasterKey) => new()
    {
        Id = NewId(),
        Owner = owner,
        Wrapped = RandomNumberGenerator.GetBytes(wrappedBytes),
        MasterKeyId = masterKey,
        CreatedAt = CreatedAt,
    };

    public static string NewId() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(16))
        .TrimEnd('=').Replace('+', '-').Replace('/', '_');

    public static void SameKey(KeyRecord expected, KeyRecord? actual, string subject)
    {
        var found = Expect.NotNull(actual, subject);
        Expect.Equal(expected.Id, found.Id, $"{subject}: the id");
        Expect.Equal(expected.Owner, found.Owner, $"{subject}: the owner");
        Expect.Equal(expected.State, found.State, $"{subject}: the state");
        Expect.SameBytes(expected.Wrapped, found.Wrapped, $"{subject}: the wrapped key");
        Expect.Equal(expected.MasterKeyId, found.MasterKeyId, $"{subject}: the id of the master key");
        Expect.Equal(expected.CreatedAt, found.CreatedAt, $"{subject}: the time of the creation");
        Expect.Equal(expected.DestroyedAt, found.DestroyedAt, $"{subject}: the time of the destruction");
    }

    public static KeyRecord Destroyed(KeyRecord key, DateTimeOffset at) => key with
    {
        State = KeyState.Destroyed,
        Wrapped = default,
        MasterKeyId = "",
        DestroyedAt = at,
    };

    public static KeyOwner Owner(string subject = "customer-1", string kind = "personal", string tenant = "") =>
        new(tenant, subject, kind);

    public ValueTask<KeyStoreIdentity> Open() => Store.Open(Cancel);

    /// <summary>Closes the key store and opens its data again.</summary>
    public async Task<KeyStoreIdentity> Reopen()
    {
        await Store.DisposeAsync();
        _opened.Add(Store = await suite.OpenAnotherFor(this));
        return await Open();
    }

    /// <summary>Opens the data as another process would open it.</summary>
    public async Task<IKeyStore> OpenAnother()
    {
        var another = await suite.OpenAnotherFor(this);
        _opened.Add(another);
        await another.Open(Cancel);
        return another;
    }

    /// <summary>Opens a different key store.</summary>
    public async Task<KeyStoreIdentity> OpenDifferent()
    {
        var different = await suite.CreateFor(this);
        _opened.Add(different);
        return await different.Open(Cancel);
    }

    /// <summary>Adds a key to an owner without keys.</summary>
    public async Task<KeyRecord> Add(KeyOwner owner, int wrappedBytes = 60, string masterKey = MasterKey)
    {
        var key = NewKey(owner, wrappedBytes, masterKey);
        SameKey(key, await Store.Add(key, Cancel), "the result of the addition");
        return key;
    }

    /// <summary>Adds a key and replaces it, so that the owner has a retired and an active key.</summary>
    public async Task<(KeyRecord Retired, KeyRecord Active)> AddTwo(KeyOwner owner)
    {
        var first = await Add(owner);
        var second = NewKey(owner);
        Expect.True(await Store.Replace(second, first.Id, Cancel), "the active key was not replaced");
        return (first with { State = KeyState.Retired }, second);
    }

    public async Task<KeyRecord?> Find(string id) =>
        (await Store.Find([id], Cancel)).SingleOrDefault();

    public async Task<KeyRecord?> FindCurrent(KeyOwner owner) => await Store.FindCurrent(owner, Cancel);

    public async Task<IReadOnlyList<string>> Destroy(KeyOwner owner) =>
        await Store.Destroy(owner, DestroyedAt, Cancel);

    /// <summary>Lists all keys that a query selects, page by page.</summary>
    public async Task<IReadOnlyList<KeyRecord>> ListAll(KeyQuery query)
    {
        var keys = new List<KeyRecord>();
        while (true)
        {
            var page = await Store.List(query, Cancel);
            keys.AddRange(page);
            Expect.True(
                page.All(key => string.CompareOrdinal(key.Id, query.After) > 0), "a page repeats the previous page");
            Expect.True(page.Count <= query.Limit, $"a page has {page.Count} keys instead of {query.Limit}");
            if (page.Count < query.Limit)
                return keys;
            query = query with { After = page[^1].Id };
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var opened in _opened)
            await opened.DisposeAsync();
    }
}
