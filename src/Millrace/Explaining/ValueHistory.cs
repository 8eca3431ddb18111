using System.Text;
using Millrace.Shared.Comparisons;

namespace Millrace.Explaining;

/// <summary>
/// Follows one value through the states of a replay, and keeps its last changes, up to the requested number and the
/// limit of bytes.
/// </summary>
/// <param name="types">The event types.</param>
/// <param name="member">The path of the value; null for the whole state.</param>
/// <param name="max">The maximum number of changes to keep.</param>
internal sealed class ValueHistory(EventTypeMap types, MemberPath? member, int max)
{
    private readonly RecentChanges<Change> _last = new(max);
    private byte[]? _value;
    private byte[]? _atMark;
    private bool _existedAtMark;
    private byte[]? _lastState;
    private Change? _newest;
    private EarlierChange? _earlier;

    /// <summary>The path of the value; null for the whole state.</summary>
    public MemberPath? Member => member;

    /// <summary>The position at which the value is remembered for the comparison with the stored one.</summary>
    public long Mark { get; set; } = long.MaxValue;

    /// <summary>The position of the first event after the mark; null when there was none.</summary>
    public long? FirstAfterMark { get; private set; }

    /// <summary>The number of events that changed the value.</summary>
    public long Count { get; private set; }

    /// <summary>
    /// The last change, for a continued search, even when no changes are kept; null when there was none.
    /// </summary>
    public EarlierChange? Last =>
        _newest is { } change ? new EarlierChange(change.Recorded.Position, change.Rules, change.Before) : _earlier;

    /// <summary>The last change, if an earlier part of the search found it; otherwise null.</summary>
    public EarlierChange? LastOfEarlier => _newest is null ? _earlier : null;

    /// <summary>Gets whether there is a document or state now.</summary>
    public bool Exists { get; private set; }

    /// <summary>Gets whether there ever was a value.</summary>
    public bool WasSeen { get; private set; }

    /// <summary>The current value; null when there is none.</summary>
    public byte[]? Value => _value;

    /// <summary>Gets whether there was a document at the mark.</summary>
    public bool ExistedAtMark => FirstAfterMark is null ? Exists : _existedAtMark;

    /// <summary>The value at the mark.</summary>
    public byte[]? AtMark => FirstAfterMark is null ? _value : _atMark;

    /// <summary>The names at the step where the path leads nowhere, in the last state that existed.</summary>
    public IReadOnlyList<string> NamesNearby =>
        member is null || _lastState is null ? [] : member.NamesNearby(_lastState);

    /// <summary>Returns the last changes, newest first.</summary>
    public IReadOnlyList<ValueChange> Changes()
    {
        var changes = new ValueChange[_last.Count];
        var (i, bytes, text) = (changes.Length, default(byte[]), default(string));
        foreach (var change in _last)
        {
            // The value after one change is the value before the next one, so it is converted to text only once.
            var before = ReferenceEquals(change.Before, bytes) ? text : Text(change.Before);
            (bytes, text) = (change.After, Text(change.After));
            changes[--i] = change.Describe(types, before, text);
        }
        return changes;
    }

    /// <summary>Returns the followed part of a state; null when it does not exist.</summary>
    public byte[]? ValueOf(ReadOnlySpan<byte> body) =>
        member is null ? body.ToArray() : member.TryFind(body, out var found) ? found.ToArray() : null;

    /// <summary>Continues from the state of an earlier search.</summary>
    public void Resume(SearchContinuation from)
    {
        Exists = from.State is not null;
        Count = from.Changes;
        WasSeen = from.Changes > 0;
        _lastState = from.State;
        _value = from.State is null ? null : ValueOf(from.State);
        _earlier = from.Last;
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
        _newest = new Change(recorded, isCorrected, rules, _value, value);
        _last.Add(_newest, recorded, value?.Length ?? 0);
        _value = value;
    }

    /// <summary>Returns JSON as text.</summary>
    public static string? Text(byte[]? json) => json is null ? null : Encoding.UTF8.GetString(json);

    /// <summary>Returns the types that upcasters converted an event to; none when it is read as it is stored.</summary>
    public static string[] ReadAs(EventTypeMap types, RecordedEvent recorded)
    {
        var stored = $"{recorded.Type}@{recorded.SchemaVersion}";
        var read = recorded
            .Parts()
            .Select(part => types.Knows(part.Data.GetType()) ? types.Get(part.Data.GetType()) : null)
            .OfType<EventType>()
            .Select(type => $"{type.Name}@{type.SchemaVersion}")
            .ToArray();
        return read is [var one] && one == stored ? [] : read;
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
