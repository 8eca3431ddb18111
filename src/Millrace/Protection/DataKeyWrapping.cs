using System.Security.Cryptography;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>Creates data keys, and wraps and unwraps them with the master keys. Thread-safe.</summary>
/// <param name="store">The key store, for messages.</param>
/// <param name="masterKeys">The master keys; the first one wraps.</param>
/// <param name="time">The clock.</param>
internal sealed class DataKeyWrapping(IKeyStore store, IReadOnlyList<IMasterKey> masterKeys, TimeProvider time)
{
    private readonly IdleCipherLimit _idleCiphers = new();

    /// <summary>Gets the number of ciphers that the unwrapped keys keep for reuse.</summary>
    public int IdleCiphers => _idleCiphers.Count;

    /// <summary>Creates a key for an owner.</summary>
    public async ValueTask<KeyRecord> Create(KeyOwner owner, CancellationToken cancellationToken)
    {
        var id = KeyIds.New();
        var secret = RandomNumberGenerator.GetBytes(DataKey.SecretBytes);
        var wrapped = await masterKeys[0]
            .Wrap(secret, ContextOf(id, owner), cancellationToken)
            .ConfigureAwait(false);
        CryptographicOperations.ZeroMemory(secret);
        return new KeyRecord
        {
            Id = id,
            Owner = owner,
            Wrapped = wrapped,
            MasterKeyId = masterKeys[0].Id,
            CreatedAt = time.GetUtcNow(),
        };
    }

    /// <summary>Returns the key of a record. It is destroyed if the record is.</summary>
    /// <exception cref="KeyStoreException">No master key unwraps the key.</exception>
    public async ValueTask<DataKey> Unwrap(KeyRecord record, CancellationToken cancellationToken)
    {
        if (record.State == KeyState.Destroyed)
            return new DataKey(record.Id, null);
        var secret = await FindMasterKey(record)
            .Unwrap(record.Wrapped, ContextOf(record.Id, record.Owner), cancellationToken)
            .ConfigureAwait(false);
        return secret.Length == DataKey.SecretBytes
            ? new DataKey(
                record.Id,
                secret,
                PeriodCipher.PeriodOf(time.GetUtcNow(), isOfSubject: record.Owner.Subject.Length > 0),
                _idleCiphers)
            : throw new KeyStoreException(
                $"The data key {record.Id} has {secret.Length} bytes instead of {DataKey.SecretBytes}.",
                StorageProblem.Damaged);
    }

    /// <summary>Wraps a key that a former master key wrapped with the current one.</summary>
    /// <returns>The record with the new bytes.</returns>
    public async ValueTask<KeyRecord> Rewrap(KeyRecord record, CancellationToken cancellationToken)
    {
        var context = ContextOf(record.Id, record.Owner);
        var secret = await FindMasterKey(record)
            .Unwrap(record.Wrapped, context, cancellationToken)
            .ConfigureAwait(false);
        var wrapped = await masterKeys[0].Wrap(secret, context, cancellationToken).ConfigureAwait(false);
        CryptographicOperations.ZeroMemory(secret);
        return record with { Wrapped = wrapped, MasterKeyId = masterKeys[0].Id };
    }

    private static byte[] ContextOf(string id, KeyOwner owner) =>
        ProtectionContext.Join(["millrace-key1", id, owner.Tenant, owner.Subject, owner.Kind]);

    private IMasterKey FindMasterKey(KeyRecord record)
    {
        foreach (var masterKey in masterKeys)
        {
            if (masterKey.Id == record.MasterKeyId)
                return masterKey;
        }
        throw UnknownMasterKey(record);
    }

    private KeyStoreException UnknownMasterKey(KeyRecord record) =>
        new(
            $"The data key {record.Id} in {store.Description} is wrapped with the master key {record.MasterKeyId}, but "
                + $"this application has {string.Join(", ", masterKeys.Select(key => key.Id))}. Check the passphrase. "
                + "After a change of the passphrase, also give the former one.",
            StorageProblem.Damaged);
}
