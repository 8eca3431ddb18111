using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>
/// Removes edited payloads of the subject's events from dead letters, and values of the subject from their errors.
/// </summary>
internal sealed class DeadLetterRedactor(ErasureTask task)
{
    private const int MaxAttempts = 10;

    private ErasureScope Scope => task.Scope;

    public async Task<ErasureLocation> Run(CancellationToken cancellationToken)
    {
        var (rows, changed) = (0L, 0L);
        await foreach (var letter in ReadAll(Scope, cancellationToken).ConfigureAwait(false))
        {
            rows++;
            if (await Redact(letter, cancellationToken).ConfigureAwait(false))
                changed++;
        }
        return new ErasureLocation(
            "dead letters", "Edited payloads with the subject's data were removed, and values in errors replaced.",
            rows)
        {
            Matches = changed,
            Changed = changed,
        };
    }

    /// <summary>Reads all dead letters of the tenant as they are stored.</summary>
    public static async IAsyncEnumerable<DeadLetter> ReadAll(
        ErasureScope scope,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = new DeadLetterQuery { Limit = 500 };
        while (true)
        {
            var page = await scope.Storage.DeadLetters.List(query, cancellationToken).ConfigureAwait(false);
            foreach (var letter in page)
            {
                if (letter.Consumer.StartsWith(scope.Prefix, StringComparison.Ordinal))
                    yield return letter;
            }
            if (page.Count < query.Limit)
                yield break;
            query = query with { After = page[^1].Id };
        }
    }

    /// <summary>Returns the edited payload of a dead letter in plain form; empty if there is none.</summary>
    public static async ValueTask<ReadOnlyMemory<byte>> Reveal(
        ErasureScope scope, DeadLetter letter, CancellationToken cancellationToken)
    {
        if (letter.EditedPayload is not { } edited)
            return default;
        var located = scope.Protection.Revealer.LocateWhole(edited, scope.Protection.Scope.OfDeadLetter(letter));
        var revealed = await scope.Protection.Revealer.Reveal(located, cancellationToken).ConfigureAwait(false);
        return revealed.Json;
    }

    private async Task<bool> Redact(DeadLetter first, CancellationToken cancellationToken)
    {
        var letter = first;
        for (var attempt = 1; ; attempt++)
        {
            var redacted = await Redacted(letter, cancellationToken).ConfigureAwait(false);
            if (redacted == letter)
                return attempt > 1;
            var request = new CommitRequest { DeadLetters = [new DeadLetterChange(redacted)], IsAsStored = true };
            var outcome = await Scope.Store.TryCommit(request, isBackground: true, cancellationToken)
                .ConfigureAwait(false);
            if (outcome.Refusal is null)
                return true;
            if (outcome.Refusal is not DeadLetterConflictException || attempt == MaxAttempts)
                throw outcome.Refusal;
            if (await Scope.Storage.DeadLetters.Get(letter.Id, cancellationToken).ConfigureAwait(false)
                is not { } again)
                return true; // It was removed.
            letter = again;
        }
    }

    private async ValueTask<DeadLetter> Redacted(DeadLetter letter, CancellationToken cancellationToken)
    {
        var isOfSubject = task.IsOfSubject(letter);
        var redacted = letter;
        if (letter.EditedPayload is not null)
        {
            var plain = await Reveal(Scope, letter, cancellationToken).ConfigureAwait(false);
            if (task.Trace.Positions.Contains(letter.Position) || task.MustChange(plain.Span, isOfSubject))
                redacted = redacted with
                {
                    EditedPayload = null,
                    Reason = $"The edited payload was removed by {task.Reason}.",
                };
        }
        if (task.Matcher is not { } matcher)
            return redacted;
        var redactor = new ValueRedactor(matcher, isOfSubject);
        return redacted with
        {
            Message = redacted.Message is { } message ? redactor.Redact(message) : null,
            Stack = redacted.Stack is { } stack ? redactor.Redact(stack) : null,
            Cause = redacted.Cause is { } cause ? redactor.Redact(cause) : null,
            Reason = redacted.Reason is { } reason ? redactor.Redact(reason) : null,
        };
    }
}
