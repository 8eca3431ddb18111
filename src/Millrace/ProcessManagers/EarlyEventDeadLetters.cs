using Millrace.Events;
using Millrace.Resilience;
using Millrace.Storage;

namespace Millrace.ProcessManagers;

/// <summary>
/// Creates dead letters for early events, which arrived before the event that starts their instance. An early event
/// becomes a dead letter if it expired or if the started instance does not await it. Its dead letter is committed
/// together with the events of the instance, and does not block the instance or the event that starts it.
/// </summary>
internal sealed class EarlyEventDeadLetters(EventStore store, string process)
{
    private readonly string _consumer = ProcessNames.CollectionOf(process);

    /// <summary>Returns true if the event at a position is a dead letter that waits for a decision.</summary>
    public async ValueTask<bool> IsParked(string id, long position, CancellationToken cancellationToken) =>
        await Find(ProcessRefusedException.KeyOf(id), position, cancellationToken).ConfigureAwait(false)
            is { State: DeadLetterState.Parked };

    /// <summary>
    /// Returns the dead letter of the event at a position, or null if the log no longer contains the event.
    /// </summary>
    public async ValueTask<DeadLetterChange?> Of(
        string id, long position, string reason, CancellationToken cancellationToken)
    {
        if (await store.Reader.FindAt(position, cancellationToken).ConfigureAwait(false) is not { } recorded)
            return null;
        var refusal = ProcessRefusedException.NotStarted(process, id, reason);
        var key = ProcessRefusedException.KeyOf(id);
        var existing = await Find(key, position, cancellationToken).ConfigureAwait(false);
        var now = store.Time.GetUtcNow();
        return new DeadLetterChange(new DeadLetter
        {
            Id = existing?.Id ?? 0,
            Revision = existing?.Revision ?? 0,
            Consumer = _consumer,
            Position = position,
            Key = key,
            Stream = recorded.Stream,
            Version = recorded.Version,
            EventType = recorded.Type,
            EventId = recorded.Id,
            State = DeadLetterState.Parked,
            Attempts = (existing?.Attempts ?? 0) + 1,
            Class = FailureClass.Permanent,
            Cause = FailureCause.Of(refusal),
            ErrorType = typeof(ProcessRefusedException).FullName,
            Message = UntrustedText.Clip(refusal.Message, 4_000),
            FirstFailedAt = existing?.FirstFailedAt ?? now,
            LastFailedAt = now,
        });
    }

    /// <summary>Commits the events of an instance together with dead letters.</summary>
    public static Task<CommitOutcome> TryCommit(
        EventStore store,
        AppendRequest instanceEvents,
        IReadOnlyList<DeadLetterChange> letters,
        CancellationToken cancellationToken)
    {
        var encoded = store.Encode(instanceEvents);
        var request = new CommitRequest
        {
            Appends = encoded.Appends,
            Documents = encoded.Documents,
            DeadLetters = letters,
        };
        return store.TryCommit(request, isBackground: false, cancellationToken);
    }

    private ValueTask<DeadLetter?> Find(string key, long position, CancellationToken cancellationToken) =>
        store.Storage.DeadLetters.Find(_consumer, 0, position, key, cancellationToken);
}
