using Millrace.Events;
using Millrace.Protection;
using Millrace.Storage;

namespace Millrace.Store;

/// <summary>
/// Checks the keys of a store when it starts, and records the marked members in the log. Programs without the keys
/// thereby know which events they must not append plain.
/// </summary>
/// <param name="store">The store.</param>
/// <param name="stored">The storage of the store, without decryption.</param>
/// <param name="gateway">The gateway for its commits.</param>
/// <param name="services">The encryption, and the loggers.</param>
internal sealed class ProtectionStartup(
    EventStore store, IStorage stored, CommitGateway gateway, StoreServices services)
{
    private const int MaxAttempts = 5;

    /// <summary>Gets the stream of the declarations.</summary>
    public static StreamId Stream { get; } = new("$protection");

    private readonly StoreProtection? _protection = services.Protection;

    /// <summary>Returns the encryption between a store and its storage; null for none.</summary>
    public static StoreProtection? Choose(
        StoreProtection? protection, StoreOptions options, ISharedCommitQueue? sharedQueue) =>
        sharedQueue is not null ? null // The store that owns a shared log encrypts and decrypts for all its tenants.
        : protection ?? (options.ReadsWithoutKeys ? StoreProtection.WithoutKeys : null);

    /// <exception cref="KeyStoreException">The key store cannot be used, is another one than before, or is
    /// missing.</exception>
    public async ValueTask Run(CancellationToken cancellationToken)
    {
        if (_protection?.Keys is not { } keys)
        {
            await CheckWithoutKeys(cancellationToken).ConfigureAwait(false);
            return;
        }
        var identity = await keys.Open(cancellationToken).ConfigureAwait(false);
        var lost = new LostKeys(stored.Log, keys);
        await lost.Refresh(cancellationToken).ConfigureAwait(false);
        _protection.Revealer.Lost = lost;
        for (var attempt = 1; ; attempt++)
        {
            var (own, version) = await Read(stored.Log, cancellationToken).ConfigureAwait(false);
            var shared = await ReadShared(stored.Log, cancellationToken).ConfigureAwait(false);
            gateway.Guard = GuardOf(own, shared);
            if (own is null && !_protection.Model.NeedsKeys)
            {
                gateway.ReadGuard = ReadGuard;
                return;
            }
            if ((own ?? shared) is { } known && known.KeyStore != identity.Id)
                throw OtherKeyStore(keys, known.KeyStore, identity.Id);
            // The claims and documents of this store may be older than the declaration of a shared log.
            var declared = ProtectionDeclaration.Of(identity.Id, own, _protection.Model, store.Types);
            if (own is not null && declared.IsSameAs(own))
                break;
            await CheckReadModels(own, declared, cancellationToken).ConfigureAwait(false);
            await ClaimStartupCheck.RefuseValuesLikeHashes(stored.Log, _protection, own?.Claims, cancellationToken)
                .ConfigureAwait(false);
            var outcome = await Append(declared, version, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                break;
            if (outcome.Refusal is not VersionConflictException || attempt == MaxAttempts)
                throw outcome.Refusal;
        }
        (gateway.ReadGuard, gateway.OwnClaims) = (ReadGuard, _protection.Model.Claims);
        // After the declaration, no other program can claim a plain value.
        await ClaimStartupCheck.Run(stored.Log, _protection, cancellationToken).ConfigureAwait(false);
        var erasedKeys = store.Stored.ErasedKeys!; // There are keys.
        await new ErasedKeyCheck(store, gateway, keys, erasedKeys).Run(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Returns whether the store encrypts members of an event type.</summary>
    public bool HasEncryptedValues(string eventType) =>
        _protection is { Model.HasMarks: true } && _protection.Model.OfEvent(eventType) is not null;

    private async ValueTask CheckWithoutKeys(CancellationToken cancellationToken)
    {
        var (own, _) = await Read(stored.Log, cancellationToken).ConfigureAwait(false);
        var shared = await ReadShared(stored.Log, cancellationToken).ConfigureAwait(false);
        gateway.ReadGuard = ReadGuard;
        if (own is null && shared is null)
            return;
        if (store.Types.Types.Count > 0 && !store.Options.ReadsWithoutKeys)
            throw new KeyStoreException(
                $"{store.Description} contains encrypted values, and this application has no keys. Configure the key "
                    + "store with UseSqliteKeys or UsePostgreSqlKeys.",
                StorageProblem.Other);
        gateway.Guard = GuardOf(own, shared);
    }

    /// <summary>Reads the declarations. Returns a known guard if there is none after it.</summary>
    private async ValueTask<StoredGuard> ReadGuard(StoredGuard? known, CancellationToken cancellationToken)
    {
        var reads = await Task
            .WhenAll(
                ReadLast(stored.Log, cancellationToken).AsTask(),
                stored.Log is ISharedLogPart part
                    ? ReadLast(part.SharedLog, cancellationToken).AsTask()
                    : Task.FromResult<RecordedEvent?>(null))
            .ConfigureAwait(false);
        var (own, shared) = (reads[0]?.Position ?? 0, reads[1]?.Position ?? 0);
        return known is not null && known.Position == own && known.SharedPosition == shared
            ? known
            : new StoredGuard(GuardOf(DeclaredBy(reads[0]), DeclaredBy(reads[1])), own, shared);
    }

    private static ProtectionDeclaration? DeclaredBy(RecordedEvent? recorded) =>
        recorded is null ? null : ProtectionDeclaration.Read(recorded.Payload.Span);

    /// <summary>Returns the guard for the declarations of a log and of the log that it is a part of.</summary>
    private PlainAppendGuard? GuardOf(ProtectionDeclaration? own, ProtectionDeclaration? shared)
    {
        var found = own is null || shared is null ? own ?? shared : own.WithGuardOf(shared);
        return found is null ? null
            : _protection is { Keys: not null, Model: var model }
                ? GuardOf(ProtectionDeclaration.Of(found.KeyStore, found, model, store.Types), model)
            : new PlainAppendGuard(found.Events, found.Claims ?? [], _protection?.Scope ?? default, hasKeys: false);
    }

    /// <summary>Returns the guard of a program with keys; null if the program knows all marks.</summary>
    private PlainAppendGuard? GuardOf(ProtectionDeclaration declared, ProtectionModel model)
    {
        var foreign = declared.Events.Where(pair => model.OfEvent(pair.Key) is null).ToList();
        string[] claims = [.. (declared.Claims ?? []).Where(scope => !model.Claims.ContainsKey(scope))];
        return foreign.Count + claims.Length == 0
            ? null
            : new PlainAppendGuard(foreign, claims, _protection!.Scope, hasKeys: true);
    }

    /// <summary>
    /// Refuses changed marks of a version of a read model, because the stored documents have the former marks.
    /// </summary>
    private async ValueTask CheckReadModels(
        ProtectionDeclaration? found, ProtectionDeclaration declared, CancellationToken cancellationToken)
    {
        HashSet<string>? nonEmpty = null;
        foreach (var (collection, paths) in declared.ReadModels)
        {
            string[] former = found?.ReadModels.GetValueOrDefault(collection) ?? [];
            if (former.AsSpan().SequenceEqual(paths))
                continue;
            nonEmpty ??= (await stored.Documents.List(cancellationToken).ConfigureAwait(false))
                .Where(static info => info.Documents > 0)
                .Select(static info => CollectionName.FirstOf(info.Definition.Name))
                .ToHashSet(StringComparer.Ordinal);
            if (nonEmpty.Contains(collection))
                throw new KeyStoreException(
                    $"The marked members of the read model '{collection}' changed, and its documents are stored with "
                        + "the former marks. Increase the Version of the projection, so that it is built again.",
                    StorageProblem.Other);
        }
    }

    /// <summary>
    /// Reads the last declaration of a log; if it has none, that of the log that a tenant shares with others. Their key
    /// store is the same.
    /// </summary>
    public static async ValueTask<ProtectionDeclaration?> ReadOrShared(
        ILogStorage log, CancellationToken cancellationToken)
    {
        var (own, _) = await Read(log, cancellationToken).ConfigureAwait(false);
        return own ?? await ReadShared(log, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<ProtectionDeclaration?> ReadShared(
        ILogStorage log, CancellationToken cancellationToken) =>
        log is ISharedLogPart part
            ? (await Read(part.SharedLog, cancellationToken).ConfigureAwait(false)).Found
            : null;

    /// <summary>Reads the last declaration of a log; null if there is none.</summary>
    public static async ValueTask<(ProtectionDeclaration? Found, long Version)> Read(
        ILogStorage log, CancellationToken cancellationToken)
    {
        var last = await ReadLast(log, cancellationToken).ConfigureAwait(false);
        return last is null ? (null, 0) : (ProtectionDeclaration.Read(last.Payload.Span), last.Version);
    }

    private static async ValueTask<RecordedEvent?> ReadLast(ILogStorage log, CancellationToken cancellationToken)
    {
        var query = new StreamPageQuery(Stream, long.MaxValue, IsBackwards: true, Limit: 1);
        var page = await log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        return page.Events.Count == 0 ? null : page.Events[0];
    }

    private Task<CommitOutcome> Append(
        ProtectionDeclaration declared, long version, CancellationToken cancellationToken) =>
        gateway.Commit(store.Encode(RequestOf(declared, version)), isBackground: false, cancellationToken);

    /// <summary>Returns the append of a declaration after the last one.</summary>
    public static AppendRequest RequestOf(ProtectionDeclaration declared, long version) =>
        new AppendRequest().ToReserved(
            Stream,
            ExpectedVersion.AsRead(version),
            NewEvent.FromBytes(PlatformEvents.ProtectionDeclared, declared.ToBytes()));

    private KeyStoreException OtherKeyStore(KeyRing keys, Guid expected, Guid actual) =>
        new(
            $"{store.Description} was written with the key store {expected}, but {keys.Description} is the key store "
                + $"{actual}. Configure the right key store, or restore it from its backup.",
            StorageProblem.Other);
}
