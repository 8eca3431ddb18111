using System.Text;
using Millrace.Shared.Comparisons;

namespace Millrace.Explaining;

/// <summary>
/// Follows a value through the states of a replay, and records its last changes, up to a maximum number of changes and
/// of bytes.
/// </summary>
/// <param name="types">The event types.</param>
/// <param name="member">The path of the value, or null for the whole state.</param>
/// <param name="max">The maximum number of recorded changes.</param>
internal sealed class ValueHistory(EventTypeMap types, MemberPath? member, int max)
{
    private readonly RecentChanges<Change> _lastChanges = new(max);
    private byte[]? _value;
    private byte[]? _atMark;
    private bool _existedAtMark;
    private byte[]? _lastState;
    private Change? _newestChange;
    private Change? _earlierChange;

    /// <summary>Gets the path of the value, or null for the whole state.</summary>
    public MemberPath? Member => member;

    /// <summary>
    /// Gets or sets the mark, which is the position of the stored document. The replayed value at the mark is compared
    /// with the stored value.
    /// </summary>
    public long Mark { get; set; } = long.MaxValue;

    /// <summary>Gets the position of the first event after the mark, or null if there was none.</summary>
    public long? FirstAfterMark { get; private set; }

    /// <summary>Gets the number of events that changed the value.</summary>
    public long Count { get; private set; }

    /// <summary>Gets whether the document or the state exists now.</summary>
    public bool Exists { get; private set; }

    /// <summary>Gets whether the value ever existed.</summary>
    public bool WasSeen { get; private set; }

    /// <summary>Gets the current value, or null if there is none.</summary>
    public byte[]? Value => _value;

    /// <summary>Gets whether the document existed at the mark.</summary>
    public bool ExistedAtMark => FirstAfterMark is null ? Exists : _existedAtMark;

    /// <summary>Gets the value at the mark.</summary>
    public byte[]? AtMark => FirstAfterMark is null ? _value : _atMark;

    /// <summary>
    /// Gets the existing names at the step where the path has no value, in the last state that existed.
    /// </summary>
    public IReadOnlyList<string> NamesNearby =>
        member is null || _lastState is null ? [] : member.NamesNearby(_lastState);

    /// <summary>
    /// Returns the last changes, newest first. If there are none, returns the last change of an earlier part of the
    /// search.
    /// </summary>
    public IReadOnlyList<ValueChange> Changes()
    {
        if (_newestChange is null && _earlierChange is { } last && max > 0)
            return [last.Describe(types, Text(last.Before), Text(last.After))];
        var changes = new ValueChange[_lastChanges.Count];
        var (i, bytes, text) = (changes.Length, default(byte[]), default(string));
        foreach (var change in _lastChanges)
        {
            // The value after one change is the value before the next one, so it is converted to text only once.
            var before = ReferenceEquals(change.Before, bytes) ? text : Text(change.Before);
            (bytes, text) = (change.After, Text(change.After));
            changes[--i] = change.Describe(types, before, text);
        }
        return changes;
    }

    /// <summary>Returns the value in a state, or null if it does not exist.</summary>
    public byte[]? ValueOf(ReadOnlySpan<byte> body) =>
        member is null ? body.ToArray() : member.TryFind(body, out var found) ? found.ToArray() : null;

    /// <summary>
    /// Marks the end of an earlier part of a search. Its changes are not returned, except the last one if no change
    /// follows.
    /// </summary>
    public void EndEarlierPart()
    {
        (_earlierChange, _newestChange) = (_newestChange, null);
        _lastChanges.Clear();
    }

    /// <summary>Adds the state after an event, which is null if the state no longer exists.</summary>
    public void Add(RecordedEvent recorded, bool isCorrected, IReadOnlyList<string> rules, byte[]? body)
    {
        if (recorded.Position > Mark && FirstAfterMark is null)
            (FirstAfterMark, _atMark, _existedAtMark) = (recorded.Position, _value, Exists);
        Exists = body is not null;
        _lastState = body ?? _lastState;
        var value = body is null ? null : ValueOf(body);
        if (value is null ? _value is null : _value is not null && value.AsSpan().SequenceEqual(_value))
            return;
        WasSeen = true;
        Count++;
        _newestChange = new Change(recorded, isCorrected, rules, _value, value);
        _lastChanges.Add(_newestChange, recorded, value?.Length ?? 0);
        _value = value;
    }

    /// <summary>Returns JSON as text.</summary>
    public static string? Text(byte[]? json) => json is null ? null : Encoding.UTF8.GetString(json);

    /// <summary>
    /// Returns the types to which upcasters converted an event. The result is empty if no upcaster changes the event.
    /// </summary>
    public static string[] ReadAs(EventTypeMap types, RecordedEvent recorded)
    {
        var stored = $"{recorded.Type}@{recorded.SchemaVersion}";
        var read = recorded
            .Parts()
            .Select(part => types.Knows(part.Data.GetType()) ? types.Get(part.Data.GetType()) : null)
            .OfType<EventType>()
            .Select(type => $"{type.Name}@{type.SchemaVersion}")
            .ToArray();
        return read is [var only] && only == stored ? [] : read;
    }

    private sealed record Change(
        RecordedEvent Recorded, bool IsCorrected, IReadOnlyList<string> Rules, byte[]? Before, byte[]? After)
    {
        public ValueChange Describe(EventTypeMap types, string? before, string? after) => new()
        {
            Event = Recorded,
            Rules = Rules,
            Before = before,
            After = after,
            ReadAs = ReadAs(types, Recorded),
            IsCorrected = IsCorrected,
        };
    }
}
