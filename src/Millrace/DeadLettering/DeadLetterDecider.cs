using Millrace.Consuming;
using Millrace.Storage;

namespace Millrace.DeadLettering;

/// <summary>Stores decisions about dead letters.</summary>
/// <param name="host">The consumers of the store.</param>
/// <param name="letters">The dead letters of the store.</param>
internal sealed class DeadLetterDecider(ConsumerHost host, IDeadLetterStorage letters)
{
    private const int MaxAttempts = 5;

    private EventStore Store => host.Store;

    /// <summary>Stores a decision about one dead letter, and returns the changed dead letter.</summary>
    public async Task<DeadLetter> Decide(
        long id,
        DeadLetterDecision decision,
        ReadOnlyMemory<byte>? payload,
        DeadLetterNote note,
        CancellationToken cancellationToken)
    {
        DeadLetterNote.Check(note, needsReason: decision != DeadLetterDecision.Retry || payload is not null);
        for (var attempt = 1; ; attempt++)
        {
            var deadLetter = await Get(id, cancellationToken).ConfigureAwait(false);
            await new InlineDeadLetterGuard(host)
                .ThrowIfRefused(deadLetter, decision, payload is not null, cancellationToken)
                .ConfigureAwait(false);
            ReadOnlyMemory<byte>? storedPayload =
                payload is { } newPayload && deadLetter.IsOpen
                    ? await ToStoredPayload(deadLetter, newPayload, cancellationToken).ConfigureAwait(false)
                    : (ReadOnlyMemory<byte>?)null; // A bare null would become an empty payload.
            var decided = Decided(deadLetter, decision, storedPayload, note, Store.Time.GetUtcNow());
            if (deadLetter.State == DeadLetterState.Waiting && payload is null)
                await RefuseWaiting(deadLetter, cancellationToken).ConfigureAwait(false);
            var name = payload is null ? NameOf(decision) : "edit";
            var request = DeadLetterAudit.RequestOf(Store, [decided], name, note);
            var outcome = await Store.TryCommit(request, isBackground: false, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return decided;
            if (outcome.Refusal is not DeadLetterConflictException || attempt == MaxAttempts)
                throw outcome.Refusal;
        }
    }

    /// <summary>Returns the dead letter with an id.</summary>
    /// <exception cref="DeadLetterNotFoundException">No dead letter has that id.</exception>
    public async ValueTask<DeadLetter> Get(long id, CancellationToken cancellationToken) =>
        await letters.Get(id, cancellationToken).ConfigureAwait(false)
        ?? throw new DeadLetterNotFoundException(id);

    /// <summary>
    /// Returns the open dead letters of the same key, in the order of their events. Each one waits for the one before
    /// it. If the key is unknown, returns the dead letters of the same stream.
    /// </summary>
    public async ValueTask<List<DeadLetter>> ListBacklog(DeadLetter deadLetter, CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery
        {
            Consumer = deadLetter.Consumer,
            Key = deadLetter.Key,
            States = DeadLetter.OpenStates,
            Limit = 10_000,
        };
        if (deadLetter.Key.Length == 0)
            query = query with { Stream = deadLetter.Stream };
        var open = await letters.List(query, cancellationToken).ConfigureAwait(false);
        // An event with an unknown key has a dead letter in each partition. Each waits only for those of its partition.
        return [.. open.Where(other => other.Partition == deadLetter.Partition).OrderBy(other => other.Position)];
    }

    /// <summary>
    /// Converts a payload to the content type of its event. The payload for a CBOR event may be given as JSON.
    /// </summary>
    public async ValueTask<ReadOnlyMemory<byte>> ToStoredPayload(
        DeadLetter deadLetter, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        Store.Options.Limits.CheckPayload(payload.Length);
        var recorded =
            await Store.Reader.FindAt(deadLetter.Position, cancellationToken).ConfigureAwait(false)
            ?? throw new DeadLetterRefusedException(
                deadLetter.Id, "its event was removed from the log, so that nothing can be edited.");
        RequireDecrypted(deadLetter, recorded);
        return DeadLetterAction.AsStored(payload, recorded.ContentType);
    }

    /// <summary>Throws if the payload of an event cannot be edited, because its values cannot be decrypted.</summary>
    /// <exception cref="DeadLetterRefusedException">A value cannot be decrypted.</exception>
    public static void RequireDecrypted(DeadLetter deadLetter, RecordedEvent recorded)
    {
        if (recorded.ProtectionProblem is { } problem)
            throw new DeadLetterRefusedException(deadLetter.Id, $"its payload cannot be edited: {problem}");
    }

    /// <summary>Returns a dead letter after a decision.</summary>
    /// <exception cref="DeadLetterRefusedException">The dead letter is no longer open.</exception>
    public static DeadLetter Decided(
        DeadLetter deadLetter,
        DeadLetterDecision decision,
        ReadOnlyMemory<byte>? payload,
        DeadLetterNote note,
        DateTimeOffset now)
    {
        if (!deadLetter.IsOpen)
        {
            throw new DeadLetterRefusedException(
                deadLetter.Id, $"it is {deadLetter.State} already, decided by '{deadLetter.User}'.");
        }
        var isWaiting = deadLetter.State == DeadLetterState.Waiting;
        return deadLetter with
        {
            State = isWaiting ? DeadLetterState.Waiting : DeadLetterState.Released,
            RetryAt = null,
            Decision = isWaiting ? null : decision,
            EditedPayload = payload ?? deadLetter.EditedPayload,
            User = note.By,
            Reason = note.Reason,
            DecidedAt = now,
        };
    }

    /// <summary>Returns the name of a decision in the audit log.</summary>
    public static string NameOf(DeadLetterDecision decision) => decision switch
    {
        DeadLetterDecision.Skip => "skip",
        DeadLetterDecision.Discard => "discard",
        _ => "retry",
    };

    private async ValueTask RefuseWaiting(DeadLetter deadLetter, CancellationToken cancellationToken)
    {
        var backlog = await ListBacklog(deadLetter, cancellationToken).ConfigureAwait(false);
        var reason = backlog.Count == 0 || backlog[0].Id == deadLetter.Id
            ? "it has not been tried, and waits for an earlier event."
            : $"it has not been tried, and waits for dead letter {backlog[0].Id}. Decide about that one first.";
        throw new DeadLetterRefusedException(deadLetter.Id, reason);
    }
}
