using Millrace.Erasing;
using Millrace.Storage;

namespace Millrace.Retention;

/// <summary>Decides which events of a stream the policies remove at a time.</summary>
internal sealed class StreamEvaluator(ErasureScope scope, RetentionDeclaration declaration, DateTimeOffset now)
{
    private const int MaxDeadLetters = 1_000;

    private readonly RemovalHistory _history = new(scope);
    private readonly RetentionRules _rules = new(declaration, scope.Tenant);

    public RetentionRules Rules => _rules;

    /// <summary>Returns the decision about a stream; null if nothing in it has expired.</summary>
    public async ValueTask<StreamVerdict?> Evaluate(
        StreamInfo stream, RetentionFacts facts, CancellationToken cancellationToken)
    {
        var name = scope.ToOwn(stream.Stream.Value);
        var category = new StreamId(name).Category;
        var rule = _rules.ForCategory(category);
        if (name.StartsWith('$') || stream.State == StreamState.Closed
            || (await IsYoung(stream, rule, cancellationToken).ConfigureAwait(false)
                && !await HasExpiredStart(stream, cancellationToken).ConfigureAwait(false))
            || await _history.Contains(stream, cancellationToken).ConfigureAwait(false))
            return null;
        var scan = new StreamScan(_rules, rule, facts.Holds, now);
        await foreach (var recorded in StoredStream.Read(scope, stream, stream.Version, cancellationToken)
            .ConfigureAwait(false))
        {
            await scan.Add(recorded, TimeOf, cancellationToken).ConfigureAwait(false);
            if (scan.IsOfPlatform)
                return null;
        }
        if (scan.Decide() is not { } decided)
            return null;
        var readers = declaration.Readers.Where(reader => reader.Reads(category, decided.Part.Types))
            .Select(reader => reader.Name).Distinct(StringComparer.Ordinal).ToArray();
        var letters = await ReadDeadLetters(stream.Stream, cancellationToken).ConfigureAwait(false);
        return new StreamVerdict
        {
            Stream = stream,
            Name = name,
            Rule = decided.Rule,
            Part = decided.Part,
            ReadModels = readers,
            DeadLetters = letters,
            HoldsPosition = facts.Holds.Position,
            Kept = decided.Kept ?? FindReason(decided.Part, decided.Rule, category, readers, letters, facts),
        };
    }

    private string? FindReason(
        StreamPart part,
        RetentionRule rule,
        string category,
        IReadOnlyList<string> readers,
        IReadOnlyList<DeadLetter> letters,
        RetentionFacts facts)
    {
        if (part.IsHeld)
            return "legal hold";
        if (rule.Target == RetentionTarget.EventType && declaration.Aggregates.Contains(category))
            return $"an aggregate needs the first events of '{category}'; use a policy for the category";
        if (readers.Except(rule.EvenIfReadBy, StringComparer.Ordinal).ToArray() is { Length: > 0 } unnamed)
            return $"read by {string.Join(", ", unnamed)}; allow it with "
                + (rule.Before is null ? "EvenIfReadBy" : "EvenIfReadBy or --even-if-read-by");
        if (letters.FirstOrDefault(letter => DeadLetter.OpenStates.Contains(letter.State)) is { } open)
            return $"open dead letter of {scope.ToOwn(open.Consumer)}";
        if (letters.Count >= MaxDeadLetters)
            return $"more than {MaxDeadLetters} dead letters";
        return part.LastPosition > facts.Checkpoint ? $"not read by consumer {facts.Consumer} yet" : null;
    }

    /// <summary>Returns whether the last event shows that the stream has not expired.</summary>
    private async ValueTask<bool> IsYoung(
        StreamInfo stream, RetentionRule? rule, CancellationToken cancellationToken)
    {
        if (rule is not { Removes: true })
            return true;
        if (rule.Member is not null || stream.State != StreamState.Open)
            return false;
        var query = new StreamPageQuery(stream.Stream, stream.Version, IsBackwards: true, Limit: 1);
        var page = await scope.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        return page.Events.Count > 0 && !rule.IsExpired(page.Events[0].Timestamp, now);
    }

    /// <summary>Returns whether a policy may remove the first event of the stream because of its type.</summary>
    private async ValueTask<bool> HasExpiredStart(StreamInfo stream, CancellationToken cancellationToken)
    {
        if (!_rules.HasTypes)
            return false;
        if (stream.State != StreamState.Open)
            return true;
        var query = new StreamPageQuery(stream.Stream, From: 1, IsBackwards: false, Limit: 1);
        var page = await scope.Storage.Log.ReadStream(query, cancellationToken).ConfigureAwait(false);
        return page.Events.Count > 0
            && _rules.ForType(page.Events[0].Type) is { Removes: true } rule
            && (rule.Member is not null || rule.IsExpired(page.Events[0].Timestamp, now));
    }

    /// <summary>Returns the time of an event for a policy; null if it has none.</summary>
    public async ValueTask<DateTimeOffset?> TimeOf(
        RecordedEvent recorded, RetentionRule rule, CancellationToken cancellationToken)
    {
        if (rule.Member is not { } member)
            return recorded.Timestamp;
        var plain = scope.Store.Stored.Protection is { } protection
            ? await protection.Reveal(recorded, cancellationToken).ConfigureAwait(false)
            : recorded;
        return BusinessTime.Find(plain.ReadablePayload, member);
    }

    private ValueTask<IReadOnlyList<DeadLetter>> ReadDeadLetters(
        StreamId stream, CancellationToken cancellationToken) =>
        scope.Storage.DeadLetters.List(
            new DeadLetterQuery { Stream = stream, Limit = MaxDeadLetters }, cancellationToken);
}
