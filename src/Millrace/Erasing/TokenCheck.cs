using Millrace.Protection;

namespace Millrace.Erasing;

/// <summary>
/// Tries to decrypt the encrypted values of a subject, first with their own keys, and then with other keys that still
/// exist, up to a limit. It uses the keys as the key store contains them, because readers never use keys of erased
/// owners.
/// </summary>
internal sealed class TokenCheck : IDisposable
{
    private const int MaxKeys = 1_000;
    private const int MaxAttempts = 20_000;

    private readonly ErasureTask _task;
    private readonly IReadOnlyList<DataKey> _keys;
    private readonly Dictionary<string, bool> _exists = new(StringComparer.Ordinal); // By the id of a subject's key.

    private TokenCheck(ErasureTask task, IReadOnlyList<DataKey> keys) => (_task, _keys) = (task, keys);

    /// <summary>Gets the number of inspected values.</summary>
    public long Values { get; private set; }

    /// <summary>Gets the number of attempts with other keys.</summary>
    public long Attempts { get; private set; }

    /// <summary>Gets the number of other keys.</summary>
    public int Keys => _keys.Count;

    /// <summary>Reads the keys that still exist.</summary>
    public static async Task<TokenCheck> Create(ErasureTask task, CancellationToken cancellationToken)
    {
        var ring = task.Scope.Keys;
        var ids = new List<string>();
        var query = new KeyQuery { Tenant = task.Scope.Tenant, Limit = 1_000 };
        await foreach (var record in ring.ReadRecords(query, cancellationToken).ConfigureAwait(false))
        {
            if (record.State != KeyState.Destroyed)
                ids.Add(record.Id);
            if (ids.Count == MaxKeys)
                break;
        }
        var loaded = await ring.LoadStored(ids, cancellationToken).ConfigureAwait(false);
        return new TokenCheck(task, [.. loaded.Where(key => !key.IsDestroyed)]);
    }

    /// <summary>Returns whether a value of the subject in stored bytes can be decrypted.</summary>
    public async ValueTask<bool> CanDecrypt(
        ReadOnlyMemory<byte> stored, ProtectionContext context, CancellationToken cancellationToken)
    {
        if (!_task.Ids.IsIn(stored.Span) || EncryptedValueLocator.Find(stored.Span) is not { } found)
            return false;
        found.RemoveAll(value => !_task.Ids.Contains(value.Text.KeyId));
        Values += found.Count;
        foreach (var value in found)
        {
            if (await Exists(value.Text.KeyId, cancellationToken).ConfigureAwait(false)
                || DecryptsWithOtherKey(value, context))
                return true;
        }
        return false;
    }

    public void Dispose()
    {
        foreach (var key in _keys)
            key.Forget();
    }

    private async ValueTask<bool> Exists(string id, CancellationToken cancellationToken)
    {
        if (_exists.TryGetValue(id, out var exists))
            return exists;
        var loaded = await _task.Scope.Keys.LoadStored([id], cancellationToken).ConfigureAwait(false);
        return _exists[id] = loaded.Any(key => !key.IsDestroyed);
    }

    private bool DecryptsWithOtherKey(EncryptedValue value, ProtectionContext context)
    {
        foreach (var key in _keys)
        {
            if (Attempts >= MaxAttempts)
                return false;
            Attempts++;
            using var cipher = key.CipherOf(context);
            if (cipher.Decrypt(value.Text.Data.Span, value.Path, value.Text.ErasedJson) is not null)
                return true;
        }
        return false;
    }
}
