using Millrace.Aggregates;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Erasing;

/// <summary>Reads every place of a store again after an erasure, and reports remaining data.</summary>
internal sealed class ErasureVerifier
{
    private readonly ErasureTask _task;
    private readonly TokenCheck _tokens;
    private readonly GeneralValues? _general; // Null if no value is known.
    private readonly HashSet<string> _snapshots; // The keys of the snapshots of streams with the subject's events.

    private ErasureVerifier(ErasureTask task, TokenCheck tokens)
    {
        (_task, _tokens) = (task, tokens);
        _snapshots = task.SnapshotKeys();
        _general = task.Matcher is { } matcher ? new GeneralValues(matcher) : null;
    }

    private ErasureScope Scope => _task.Scope;

    private string ValueMethod => _task.Matcher is null ? "" : ", and the stored bytes were "
        + "searched for the former values of at least 4 bytes. Values under the keys of others were not searched";

    public static async Task<IReadOnlyList<ErasureLocation>> Run(ErasureTask task, CancellationToken cancellationToken)
    {
        using var tokens = await TokenCheck.Create(task, cancellationToken).ConfigureAwait(false);
        var verifier = new ErasureVerifier(task, tokens);
        var keys = await verifier.VerifyKeys(cancellationToken).ConfigureAwait(false);
        Func<ErasureLocation>[] places =
        [
            await verifier.VerifyLog(cancellationToken).ConfigureAwait(false),
            .. await verifier.VerifyDocuments(cancellationToken).ConfigureAwait(false),
            await verifier.VerifyDeadLetters(cancellationToken).ConfigureAwait(false),
            await verifier.VerifyRemovals(cancellationToken).ConfigureAwait(false),
        ];
        var claims = await new ClaimReleaser(task).Verify(cancellationToken).ConfigureAwait(false);
        return [keys, .. places.Select(static place => place()), claims]; // All rows were read.
    }

    private async Task<ErasureLocation> VerifyKeys(CancellationToken cancellationToken)
    {
        var keys = new SubjectKeys(Scope, _task.Request.Subject, _task.Request.Kinds);
        var records = await keys.List(cancellationToken).ConfigureAwait(false);
        var findings = new List<string>();
        foreach (var record in records.Where(record => record.State != KeyState.Destroyed))
            ErasureTask.Add(findings, $"key {record.Id} exists");
        return new ErasureLocation("key store", "All keys of the subject were read.", records.Count)
        {
            Matches = records.Count,
            Findings = findings,
        };
    }

    private async Task<Func<ErasureLocation>> VerifyLog(CancellationToken cancellationToken)
    {
        var result = new VerifiedLocation(_task, _general);
        var before = _tokens.Values;
        await foreach (var recorded in Scope.ReadEvents(Scope.Filter(), cancellationToken).ConfigureAwait(false))
        {
            result.Rows++;
            if (await FindReadable(recorded, cancellationToken).ConfigureAwait(false) is { } readable)
            {
                result.Report($"{NameOf(recorded)}: {readable}");
                continue;
            }
            if (_task.Matcher is null)
                continue;
            if (ErasureEvents.Contains(recorded.Type))
            {
                // The events of erasures name the subject, and have texts of Millrace that equal common values.
                Count(_task.Matcher.Find(recorded.Payload.Span), recorded);
                continue;
            }
            var isOfSubject = _task.IsOfSubject(recorded.Stream);
            var match = result.Find(recorded.Payload.Span, isOfSubject)
                | result.Find(recorded.MetadataBytes.Span, isOfSubject)
                | result.Find(recorded.Stream.Value, isOfSubject)
                | FindInTags(result, recorded.Tags, isOfSubject);
            if (recorded.EncryptionKeyId is not null && PlatformEvents.Contains(recorded.Type))
            {
                var plain = await HistoryRemover.Reveal(Scope, recorded, cancellationToken).ConfigureAwait(false);
                match |= result.Find(plain.Span, isOfSubject);
            }
            Count(match, recorded);
        }
        var (values, attempts) = (_tokens.Values - before, _tokens.Attempts);
        return () => result.ToLocation(
            "log",
            $"Every event was read. Each encrypted value of the subject was tried with its own key and with "
                + $"{_tokens.Keys} other keys, up to a limit ({attempts} attempts){ValueMethod}.",
            values);

        void Count(ValueMatch match, RecordedEvent recorded)
        {
            if (match != ValueMatch.None) // Most rows contain no value, and need no name.
                result.Count(match, NameOf(recorded));
        }
    }

    private static string NameOf(RecordedEvent recorded) => $"event at position {recorded.Position}";

    /// <summary>Returns how a value of the subject in an event can still be read; null if it cannot.</summary>
    private async ValueTask<string?> FindReadable(RecordedEvent recorded, CancellationToken cancellationToken)
    {
        if (_task.Trace.PlainPositions.Contains(recorded.Position))
            return "a value of the subject is not encrypted";
        if (_task.Trace.OtherOwnerPositions.Contains(recorded.Position))
            return "a value is encrypted with the key of another owner";
        if (_task.Trace.LostPositions.Contains(recorded.Position))
            return "a value is encrypted with a key that the key store does not contain";
        if (!_task.Ids.IsIn(recorded.Payload.Span))
            return null;
        var context = Scope.Protection.Scope.OfEvent(recorded.Type, recorded.Stream, recorded.Id);
        return await _tokens.CanDecrypt(recorded.Payload, context, cancellationToken).ConfigureAwait(false)
            ? "an encrypted value can be decrypted"
            : null;
    }

    private async Task<List<Func<ErasureLocation>>> VerifyDocuments(CancellationToken cancellationToken)
    {
        var places = new List<Func<ErasureLocation>>();
        foreach (var collection in await Scope.Collections(cancellationToken).ConfigureAwait(false))
            places.Add(await Verify(collection.Definition, cancellationToken).ConfigureAwait(false));
        return places;
    }

    private async Task<Func<ErasureLocation>> Verify(
        CollectionDefinition definition, CancellationToken cancellationToken)
    {
        var collection = definition.Name;
        var hashes = await IndexHashCheck.Create(_task, definition, cancellationToken).ConfigureAwait(false);
        var result = new VerifiedLocation(_task, _general);
        var before = _tokens.Values;
        var own = Scope.ToOwn(collection);
        var isReadModel = own.Contains('@', StringComparison.Ordinal);
        await foreach (var document in Scope.ReadDocuments(collection, cancellationToken).ConfigureAwait(false))
        {
            result.Rows++;
            var context = Scope.Protection.Scope.OfDocument(collection, document.Key);
            if (await _tokens.CanDecrypt(document.Body, context, cancellationToken).ConfigureAwait(false))
            {
                result.Report($"document {result.Rows}: an encrypted value can be decrypted");
                continue;
            }
            if (hashes?.HasRemaining(document) == true)
            {
                result.Report($"document {result.Rows}: an index contains the hash of an erased value");
                continue;
            }
            if (_task.Matcher is null)
                continue;
            var isOfSubject = _task.IsNamedByKey(document.Key);
            var match = result.Find(document.Body.Span, isOfSubject) | result.Find(document.Key, isOfSubject);
            foreach (var field in document.Fields ?? [])
            {
                if (field.Value is string text)
                    match |= result.Find(text, isOfSubject || _task.IsNamedIn(document.Body.Span));
            }
            // The key may contain a value, so a finding names the number of the document in the order of the keys.
            var row = $"document {result.Rows} in the order of the keys";
            if (!isReadModel) // Other collections have values that are encrypted with a key of the tenant.
            {
                var revealed = await Scope.Documents.TryReveal(collection, document, cancellationToken)
                    .ConfigureAwait(false);
                if (revealed is null)
                    result.Report($"{row}: it cannot be decrypted, and was not searched");
                else
                    match |= result.Find(revealed.Body.Span, isOfSubject);
            }
            // A snapshot contains only values of its stream, and no event of this stream has a value of the subject.
            if (own == SnapshotStore.Collection && !_snapshots.Contains(document.Key)
                && (match & ValueMatch.OfSubject) == 0 && match != ValueMatch.None)
                match = ValueMatch.Common;
            result.Count(match, row);
        }
        var values = _tokens.Values - before;
        var hashMethod = hashes is null ? "" : IndexHashCheck.Method;
        return () => result.ToLocation(
            $"documents of {own}",
            $"Every document was read with its columns. Encrypted values of the subject were tried with "
                + $"their own and with other keys, up to a limit{hashMethod}{ValueMethod}.",
            values);
    }

    private async Task<Func<ErasureLocation>> VerifyDeadLetters(CancellationToken cancellationToken)
    {
        var result = new VerifiedLocation(_task, _general);
        await foreach (var letter in DeadLetterRedactor.ReadAll(Scope, cancellationToken).ConfigureAwait(false))
        {
            result.Rows++;
            if (_task.Matcher is null)
                continue;
            var isOfSubject = _task.IsOfSubject(letter);
            var plain = await DeadLetterRedactor.Reveal(Scope, letter, cancellationToken).ConfigureAwait(false);
            var match = result.Find(plain.Span, isOfSubject);
            foreach (var text in new[] { letter.Message, letter.Stack, letter.Cause, letter.Reason, letter.Key })
            {
                if (text is not null)
                    match |= result.Find(text, isOfSubject);
            }
            result.Count(match, $"dead letter {letter.Id}");
        }
        return () => result.ToLocation(
            "dead letters", $"Every dead letter was read with its payload, message and stack{ValueMethod}.", 0);
    }

    private async Task<Func<ErasureLocation>> VerifyRemovals(CancellationToken cancellationToken)
    {
        var result = new VerifiedLocation(_task, _general);
        var page = new RemovalPage([], 0);
        do
        {
            page = await Scope.Storage.Log.ReadRemovals(page.Next, limit: 1_000, cancellationToken)
                .ConfigureAwait(false);
            foreach (var removal in page.Removals)
            {
                if (!removal.Record.Stream.Value.StartsWith(Scope.Prefix, StringComparison.Ordinal))
                    continue;
                result.Rows++;
                if (_task.Matcher is not null)
                    result.Count(
                        result.Find(removal.Record.Reason, isOfSubject: false), $"removal {result.Rows}");
            }
        }
        while (page.Removals.Count > 0);
        return () => result.ToLocation("removals", $"The reason of every recorded removal was read{ValueMethod}.", 0);
    }

    private static ValueMatch FindInTags(VerifiedLocation result, IReadOnlyList<Tag> tags, bool isOfSubject)
    {
        var match = ValueMatch.None;
        for (var i = 0; i < tags.Count; i++)
            match |= result.Find(tags[i].ToString(), isOfSubject);
        return match;
    }
}
