using Millrace.Erasing;

namespace Millrace.Retention;

/// <summary>
/// The active legal holds, and the streams that they keep: streams of subjects, and those with their values.
/// </summary>
internal sealed class LegalHolds
{
    private readonly ErasureScope _scope;
    private readonly IReadOnlyList<(string Subject, KeyIdSet? Keys, PlainValueReader? Plain)> _held;

    private LegalHolds(
        ErasureScope scope, IReadOnlyList<(string, KeyIdSet?, PlainValueReader?)> held, long position) =>
        (_scope, _held, Position) = (scope, held, position);

    /// <summary>Gets the position of the last event about holds. A later event changes them.</summary>
    public long Position { get; }

    public static async ValueTask<LegalHolds> Read(ErasureScope scope, CancellationToken cancellationToken)
    {
        var now = scope.Store.Time.GetUtcNow();
        var (holds, _, position) = await new ErasureLog(scope).ReadHolds(now, cancellationToken).ConfigureAwait(false);
        var held = new List<(string, KeyIdSet?, PlainValueReader?)>();
        foreach (var subject in holds.Select(hold => hold.Subject).Distinct(StringComparer.Ordinal))
        {
            if (scope.Store.Stored.Protection?.Keys is null)
            {
                held.Add((subject, null, null)); // A program without keys cannot find those of a subject.
                continue;
            }
            var records = await new SubjectKeys(scope, subject, []).List(cancellationToken).ConfigureAwait(false);
            var ids = new KeyIdSet(records.Select(key => key.Id));
            held.Add((subject, ids, new PlainValueReader(scope, subject, [])));
        }
        return new LegalHolds(scope, held, position);
    }

    /// <summary>
    /// Returns whether a hold keeps the stream of an event. The event is as it is stored. An event that cannot be read
    /// is kept, and a program without keys keeps all events, because it cannot find the values of a subject.
    /// </summary>
    public bool Keeps(RecordedEvent recorded)
    {
        foreach (var (subject, keys, plain) in _held)
        {
            if (keys is null || plain is null || _scope.IsStreamOf(recorded.Stream, subject))
                return true;
            if (recorded.EncryptionKeyId is not null && keys.IsIn(recorded.Payload.Span))
                return true;
            var found = plain.Read(recorded, keys);
            if (found.IsUnreadable || found.OfSubject.Count > 0 || found.OtherKeys.Count > 0)
                return true;
        }
        return false;
    }
}
