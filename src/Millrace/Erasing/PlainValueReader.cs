using Millrace.Events;
using Millrace.Protection;

namespace Millrace.Erasing;

/// <summary>
/// Finds values of a subject that are not encrypted although their members are marked, because their events were
/// appended before the members were marked.
/// </summary>
internal sealed class PlainValueReader
{
    private readonly ErasureScope _scope;
    private readonly string _subject;
    private readonly IReadOnlyList<string> _kinds;
    private readonly byte[]? _id; // Payloads without these bytes cannot name the subject; null to search all payloads.

    /// <param name="scope">The store.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="kinds">The kinds of data; empty for all kinds.</param>
    public PlainValueReader(ErasureScope scope, string subject, IReadOnlyList<string> kinds)
    {
        (_scope, _subject, _kinds) = (scope, subject, kinds);
        var id = subject[(subject.IndexOf('-', StringComparison.Ordinal) + 1)..];
        // A GUID has several texts, and JSON may escape other characters.
        if (!Guid.TryParse(id, out _) && id.All(char.IsAsciiLetterOrDigit))
            _id = System.Text.Encoding.ASCII.GetBytes(id);
    }

    /// <summary>Returns the JSON of the plain values in a stored event; empty if there are none.</summary>
    /// <param name="recorded">The event as it is stored.</param>
    /// <param name="ids">The ids of the subject's keys.</param>
    /// <param name="isUnreadable">True if the event may contain values that cannot be located.</param>
    /// <param name="otherKeys">The ids of other keys that encrypt values of the subject.</param>
    /// <param name="subjects">The subjects of values without a subject; null if they are unknown.</param>
    public IReadOnlyList<ReadOnlyMemory<byte>> Read(
        RecordedEvent recorded,
        KeyIdSet ids,
        out bool isUnreadable,
        out IReadOnlyList<string> otherKeys,
        IReadOnlyList<string>? subjects = null)
    {
        (isUnreadable, otherKeys) = (false, []);
        if (PlatformEvents.Contains(recorded.Type)
            || _scope.Protection.Model.OfEvent(recorded.Type) is not { } marks
            || !MayName(recorded))
            return [];
        var json = recorded.JsonPayload;
        var context = _scope.Protection.Scope.OfEvent(recorded.Type, recorded.Stream, recorded.Id);
        IReadOnlyList<MarkedValue> values;
        try
        {
            values = MarkedValueLocator.FindStored(
                json.Span, marks, DataSubject.OfStream(context.Owner), recorded.Type);
        }
        catch (ProtectedValueException)
        {
            isUnreadable = true;
            return [];
        }
        List<ReadOnlyMemory<byte>>? found = null;
        List<string>? others = null;
        foreach (var value in values)
        {
            if ((_kinds.Count > 0 && !_kinds.Contains(value.Mark.Kind)) || value.IsErased(json.Span))
                continue;
            var owner = value.Subject;
            if (owner == MarkedValue.NoSubject)
            {
                owner = subjects?.FirstOrDefault(name => IsOfType(name, value.Mark));
                isUnreadable |= owner is null;
            }
            if (owner != _subject)
                continue;
            var text = json.Slice(value.Start, value.Length);
            if (KeyIdOf(text.Span) is not { } id)
                (found ??= []).Add(text);
            else if (!ids.Contains(id))
                (others ??= []).Add(id);
        }
        otherKeys = others ?? otherKeys;
        return found ?? (IReadOnlyList<ReadOnlyMemory<byte>>)[];
    }

    private bool MayName(RecordedEvent recorded) =>
        _id is null
        || recorded.ContentType != EventContentType.Json
        || recorded.EncryptionKeyId is null // An event from before the marks may not name its subject.
        || _scope.IsStreamOf(recorded.Stream, _subject)
        || recorded.Payload.Span.IndexOf(_id) >= 0;

    private static bool IsOfType(string subject, ProtectedMember mark) =>
        subject.StartsWith(mark.SubjectType + "-", StringComparison.Ordinal);

    /// <summary>Returns the id of the key that encrypts a JSON value; null for a plain value.</summary>
    private static string? KeyIdOf(ReadOnlySpan<byte> value) =>
        value.Length > 1 && value[0] == (byte)'"' ? CipherText.TryParse(value[1..^1])?.KeyId : null;
}
