using Millrace.Events;
using Millrace.Scheduling;
using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>Replaces values of a subject in the commands of pending timers. Their times do not change.</summary>
internal sealed class TimerRedactor(ErasureTask task)
{
    private const int MaxAttempts = 10;

    private ErasureScope Scope => task.Scope;

    public async Task<ErasureLocation> Run(CancellationToken cancellationToken)
    {
        var (rows, changed) = (0L, 0L);
        var name = Scope.ToStored(TimerStore.Name);
        foreach (var collection in await Scope.Collections(cancellationToken).ConfigureAwait(false))
        {
            if (collection.Definition.Name != name)
                continue;
            await foreach (var document in Scope.ReadDocuments(name, cancellationToken).ConfigureAwait(false))
            {
                rows++;
                if (await Redact(name, document, cancellationToken).ConfigureAwait(false))
                    changed++;
            }
        }
        return new ErasureLocation(
            "timers", "Values of the subject in the commands of timers that name it were replaced.", rows)
        {
            Matches = changed,
            Changed = changed,
        };
    }

    private async Task<bool> Redact(string collection, Document first, CancellationToken cancellationToken)
    {
        var stored = first;
        for (var attempt = 1; ; attempt++)
        {
            var revealed = await Scope.Documents.TryReveal(collection, stored, cancellationToken).ConfigureAwait(false);
            if (revealed is null || Redacted(revealed) is not { } record)
                return attempt > 1;
            var note = new TimerNote
            {
                Due = record.Due,
                DueBefore = record.Due,
                Command = record.Command,
                Body = record.Body,
                Reason = $"values were replaced by {task.Reason}",
            };
            var request = new AppendRequest().To(
                Scope.StreamOf(TimerStore.StreamOf(stored.Key).Value),
                ExpectedVersion.Any,
                TimerStore.Event(PlatformEvents.TimerEdited, note));
            request.With(TimerStore.Write(stored.Key, record, stored.Version) with { Collection = collection });
            var outcome = await Scope.Store.TryAppend(request, cancellationToken).ConfigureAwait(false);
            if (outcome.Refusal is null)
                return true;
            if (outcome.Refusal is not DocumentConflictException || attempt == MaxAttempts)
                throw outcome.Refusal;
            if (await Scope.Storage.Documents.Get(collection, stored.Key, cancellationToken).ConfigureAwait(false)
                is not { } again)
                return true; // It was fired or cancelled.
            stored = again;
        }
    }

    /// <summary>Returns the timer with replaced values; null if none has to be replaced.</summary>
    private TimerRecord? Redacted(Document document)
    {
        if (task.Matcher is not { } matcher
            || !task.MustChange(document.Body.Span, task.IsNamedByKey(document.Key)))
            return null;
        var redactor = new ValueRedactor(matcher, includesCommon: true);
        var before = TimerStore.Read(document);
        var body = redactor.Redact(before.Body);
        var error = before.Error is null ? null : redactor.Redact(before.Error);
        if (body is null && error == before.Error)
            return null;
        return before with
        {
            Id = Guid.CreateVersion7(Scope.Store.Time.GetUtcNow()), // A changed command has a new id.
            Body = body ?? before.Body,
            Error = error,
        };
    }
}
