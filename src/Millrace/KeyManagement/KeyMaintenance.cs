using Millrace.Auditing;
using Millrace.KeyManagement;
using Millrace.Protection;
using Millrace.Storage;
using Millrace.Store;

namespace Millrace;

/// <summary>
/// Compares the data keys of a store with its contents, encrypts values of replaced keys again, and declares keys lost.
/// For tools: the store can be open without its keys. Thread-safe.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="keys">The keys of the store.</param>
public sealed class KeyMaintenance(EventStore store, DataKeys keys)
{
    private const string Action = "keys.lost";
    private const int MaxAttempts = 5;
    private const int PageKeys = 500;

    private readonly KeyRing _keys = keys.Ring;

    private ILogStorage Log => store.Stored.Storage.Log;

    /// <summary>
    /// Unwraps every key of the key store, finds the keys of events that the key store does not contain, and counts the
    /// values of replaced keys. Reads the whole log and all documents.
    /// </summary>
    /// <param name="progress">Receives the positions; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="KeyStoreException">The key store or the master key cannot be used, or the store uses another
    /// key store.</exception>
    public async Task<KeyReport> Verify(
        IProgress<MaintenanceProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        await Open(cancellationToken).ConfigureAwait(false);
        var unusable = new List<UnusableKey>();
        var (usable, destroyed) = (0L, 0L);
        var records = _keys.ReadRecords(new KeyQuery { Limit = PageKeys }, cancellationToken);
        await foreach (var record in records.ConfigureAwait(false))
        {
            if (record.State == KeyState.Destroyed)
                destroyed++;
            else if (await _keys.FindProblem(record, cancellationToken).ConfigureAwait(false) is { } problem)
                unusable.Add(new UnusableKey(record.Id, problem));
            else
                usable++;
        }
        var missing = new MissingKeys(store, _keys);
        var scope = await missing.FindScope(cancellationToken).ConfigureAwait(false);
        var uses = await KeyUses.Read(Log, scope, progress, cancellationToken).ConfigureAwait(false);
        return new KeyReport
        {
            Keys = usable,
            DestroyedKeys = destroyed,
            EncryptedEvents = uses.EncryptedEvents,
            Unusable = unusable,
            Missing = await missing.Find(uses, scope, cancellationToken).ConfigureAwait(false),
            Replaced = await ReplacedKeyUses
                .Find(_keys, uses, store.Stored.Storage, cancellationToken)
                .ConfigureAwait(false),
        };
    }

    /// <summary>
    /// Encrypts the values of replaced keys in documents, snapshots, timers, states of processes, stored bodies of
    /// messages, edited dead letters and stored answers again, with the current keys. The operation is recorded in the
    /// stream <c>$reencryption</c>. After an interruption, the next call continues it. Events keep their keys.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="progress">Receives the number of documents; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation between two pages. The next call continues it.</param>
    /// <exception cref="VersionConflictException">Another node runs the same operation.</exception>
    /// <exception cref="KeyStoreException">The key store or the master key cannot be used, or the store uses another
    /// key store.</exception>
    public async Task<ReencryptionResult> Reencrypt(
        ReencryptionRequest request,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrWhiteSpace(request.By);
        ArgumentException.ThrowIfNullOrWhiteSpace(request.Reason);
        await Open(cancellationToken).ConfigureAwait(false);
        var operation = new Reencryption(store, _keys, request, progress);
        var result = await operation.Run(cancellationToken).ConfigureAwait(false);
        return result is { WasContinued: true, Subject: { } subject } && subject != request.Subject
            ? await operation.Run(cancellationToken).ConfigureAwait(false)
            : result;
    }

    /// <summary>
    /// Replaces the plain values of the claims of a scope by keyed hashes, so that a model can protect the scope with
    /// <see cref="ProtectedClaimExtensions.ProtectClaims"/>. First declares that the scope is protected: programs that
    /// do not protect it cannot claim values from then on. Stop programs of earlier builds, which do not know this.
    /// Hashes of earlier builds, which had no prefix, get one. The operation is recorded in the stream <c>$claims</c>.
    /// After an interruption, the next call continues it.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="progress">Receives the number of claims; may be null.</param>
    /// <param name="cancellationToken">Cancels the operation between two batches.</param>
    /// <exception cref="KeyStoreException">The key store or the master key cannot be used, the store uses another key
    /// store, the key of earlier hashes is missing, tenants share the store, or the storage cannot list
    /// claims.</exception>
    public async Task<ClaimProtectionResult> ProtectClaims(
        ClaimProtectionRequest request,
        IProgress<MaintenanceProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentException.ThrowIfNullOrEmpty(request.Scope);
        ArgumentException.ThrowIfNullOrWhiteSpace(request.By);
        ArgumentException.ThrowIfNullOrWhiteSpace(request.Reason);
        var identity = await Open(cancellationToken).ConfigureAwait(false);
        return await new ClaimProtection(store, _keys, identity.Id, request, progress)
            .Run(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Declares that a key is lost for ever, so that readers receive the erased value of each member instead of an
    /// error. All nodes apply it with their next read. If a backup of the key store with the key is restored later, the
    /// values are readable again. The declaration is an event of the stream <c>$keys</c>, with an entry in the audit
    /// trail if the store has one.
    /// </summary>
    /// <param name="keyId">The id of the data key.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="by">The person who declares it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The declaration, or an earlier one of the key.</returns>
    /// <exception cref="KeyNotLostException">The key store contains the key, or no event needs it.</exception>
    /// <exception cref="KeyStoreException">The key store cannot be used, or the store uses another key
    /// store.</exception>
    public async Task<LostKey> DeclareLost(
        string keyId, string reason, string by, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(keyId);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        await Open(cancellationToken).ConfigureAwait(false);
        if (await _keys.FindRecords([keyId], cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false))
            throw new KeyNotLostException(keyId, $"{_keys.Description} contains it.");
        var uses = await KeyUses.Read(Log, StoreProtection.WithoutKeys.Scope, null, cancellationToken)
            .ConfigureAwait(false);
        if (!uses.ByKey.TryGetValue(keyId, out var use))
            throw new KeyNotLostException(keyId, "no event has a value of this key. Check the id.");
        var lost = new LostKey(keyId, reason, by, use.First);
        for (var attempt = 1; ; attempt++)
        {
            var (declared, version) = await LostKeys.Read(Log, 0, cancellationToken).ConfigureAwait(false);
            if (declared.FirstOrDefault(key => key.KeyId == keyId) is { } earlier)
                return earlier;
            try
            {
                await Append(lost, version, cancellationToken).ConfigureAwait(false);
                return lost;
            }
            catch (VersionConflictException) when (attempt < MaxAttempts)
            {
                // Another tool declared a key lost.
            }
        }
    }

    /// <summary>Opens the key store, and checks that it is the one of the store.</summary>
    private async Task<KeyStoreIdentity> Open(CancellationToken cancellationToken)
    {
        var identity = await _keys.Open(checksMasterKeys: false, cancellationToken).ConfigureAwait(false);
        var declared = await ProtectionStartup.ReadOrShared(Log, cancellationToken).ConfigureAwait(false);
        if (declared is not null && declared.KeyStore != identity.Id)
            throw new KeyStoreException(
                $"{store.Description} was written with the key store {declared.KeyStore}, but {_keys.Description} is "
                    + $"the key store {identity.Id}.",
                StorageProblem.Other);
        return identity;
    }

    private async Task Append(LostKey lost, long version, CancellationToken cancellationToken)
    {
        var request = new AppendRequest()
            .ToReserved(LostKeys.Stream, ExpectedVersion.AsRead(version), LostKeys.EventOf(lost));
        var entry = new AuditEntry(Action, lost.KeyId, AuditResult.Succeeded) { User = lost.By, Reason = lost.Reason };
        await AuditTrail.AddIfUsed(store, request, entry, cancellationToken).ConfigureAwait(false);
        await store.Append(request, cancellationToken).ConfigureAwait(false);
    }
}
