using Millrace.Events;
using Millrace.Store;

namespace Millrace.Erasing;

/// <summary>Stops an erasure. It needs no keys, so that tools can stop one whose key store is lost.</summary>
internal sealed class ErasureStop(ErasureScope scope)
{
    private const int MaxAttempts = 10;

    private readonly ErasureLog _log = new(scope);

    /// <param name="id">The id of the erasure.</param>
    /// <param name="note">The user and the reason.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async Task<ErasureRecord> Run(string id, ErasureNote note, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= MaxAttempts; attempt++)
        {
            var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
            if (!record.Exists)
                throw new ErasureNotFoundException(id);
            if (record.State is ErasureState.Refused or ErasureState.Stopped)
                return record;
            if (record.Info.IsFinal)
                throw new ErasureRefusedException(
                    id, "it has ended, so that it cannot be stopped. Its certificate contains the result.");
            if (record.State is ErasureState.Requested or ErasureState.Found or ErasureState.Approved)
                await _log.Append(
                    id, record.Version, ErasureEvents.Refused, note, cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
            else
                await StopStarted(id, note, cancellationToken).ConfigureAwait(false);
        }
        throw new ErasureRefusedException(id, "other calls changed the erasure at the same time. Stop it again.");
    }

    /// <summary>
    /// Stops a started erasure while no node is carrying it out. Otherwise keys could be destroyed after the last event
    /// of the erasure.
    /// </summary>
    private async Task StopStarted(string id, ErasureNote note, CancellationToken cancellationToken)
    {
        var request = new LockRequest(scope.ToStored(ErasureScope.ErasureStreamName(id)))
        {
            Wait = ErasureProcess.LockWait,
        };
        var held = await Locks.Of(scope.Store).Acquire(request, cancellationToken).ConfigureAwait(false);
        await using (held.ConfigureAwait(false))
        {
            var record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
            if (record.State == ErasureState.Started
                && await FindDestroyed(record.Request, cancellationToken).ConfigureAwait(false) is { } keys)
            {
                await _log.Append(id, record.Version, keys, cancellationToken).ConfigureAwait(false);
                record = await _log.Read(id, cancellationToken).ConfigureAwait(false);
            }
            if (record.State is ErasureState.Started or ErasureState.KeysDestroyed or ErasureState.CopiesRemoved
                or ErasureState.Verified)
                await _log.Append(
                    id, record.Version, ErasureEvents.Stopped, note, cancellationToken: cancellationToken)
                    .ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Returns the keys if all of them are destroyed: then the erasure ended before it recorded them, and a restored
    /// key store must not contain them. Returns null if a key remains, or if the key store cannot be used.
    /// </summary>
    private async ValueTask<ErasedKeys?> FindDestroyed(ErasureRequest request, CancellationToken cancellationToken)
    {
        if (scope.Store.Stored.Protection?.Keys is null)
            return null;
        try
        {
            var records = await new SubjectKeys(scope, request.Subject, request.Kinds).List(cancellationToken)
                .ConfigureAwait(false);
            return records.Count == 0 || records.Any(record => record.State != KeyState.Destroyed)
                ? null
                : new ErasedKeys
                {
                    Tenant = scope.Tenant,
                    Subject = request.Subject,
                    Kinds = request.Kinds,
                    KeyIds = [.. records.Select(record => record.Id)],
                };
        }
        catch (KeyStoreException)
        {
            return null;
        }
    }
}
