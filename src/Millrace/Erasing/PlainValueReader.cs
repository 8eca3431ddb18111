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

    /// <summary>Returns the values of a stored event.</summary>
    /// <param name="recorded">The event as it is stored.</param>
    /// <param name="ids">The ids of the subject's keys.</param>
    /// <param name="streams">Finds the subject of values whose event does not name it.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<PlainValues> Read(
        RecordedEvent recorded, KeyIdSet ids, StreamSubjects streams, CancellationToken cancellationToken)
    {
        var found = Read(recorded, ids);
        return found.IsUnreadable
            && await streams.Find(recorded.Stream, cancellationToken).ConfigureAwait(false) is { Count: > 0 } subjects
            ? Read(recorded, ids, subjects)
            : found;
    }

    /// <summary>Returns the values of a stored event.</summary>
    /// <param name="recorded">The event as it is stored.</param>
    /// <param name="ids">The ids of the subject's keys.</param>
    /// <param name="subjects">The subjects of values without a subject; null if they are unknown.</param>
    public PlainValues Read(RecordedEvent recorded, KeyIdSet ids, IReadOnlyList<string>? subjects = null)
    {
        if (PlatformEvents.Contains(recorded.Type)
            || _scope.Protection.Model.OfEvent(recorded.Type) is not { } marks
            || !MayName(recorded))
            return PlainValues.None;
        var json = recorded.JsonPayload;
        var context = _scope.Protection.Scope.OfEvent(recorded.Type, recorded.Stream, recorded.Id);
        var found = new PlainValues();
        try
        {
            var values = MarkedValueLocator.FindStored(
                json.Span, marks, DataSubject.OfStream(context.Owner), recorded.Type);
            foreach (var value in values)
                Add(found, value, json, ids, subjects);
        }
        catch (ProtectedValueException)
        {
            found.IsUnreadable = true;
        }
        return found;
    }

    private void Add(
        PlainValues found,
        MarkedValue value,
        ReadOnlyMemory<byte> json,
        KeyIdSet ids,
        IReadOnlyList<string>? subjects)
    {
        if ((_kinds.Count > 0 && !_kinds.Contains(value.Mark.Kind)) || value.IsErased(json.Span))
            return;
        var owner = value.Subject;
        if (owner == MarkedValue.NoSubject)
        {
            owner = subjects?.FirstOrDefault(name => IsOfType(name, value.Mark));
            found.IsUnreadable |= owner is null;
        }
        var text = json.Slice(value.Start, value.Length);
        var key = KeyIdOf(text.Span);
        if (owner == _subject && key is null)
            found.OfSubject.Add(text);
        else if (owner == _subject && !ids.Contains(key!))
            found.OtherKeys.Add(key!);
        else if (key is null)
            (owner is null ? found.OfUnknown : found.OfOthers).Add((value.Start, value.Length));
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
