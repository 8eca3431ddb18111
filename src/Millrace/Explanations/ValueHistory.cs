using System.Text;

namespace Millrace;

/// <summary>
/// Follows one value through the states of what is replayed, and keeps the last of its changes: as many as are asked
/// for and as have room.
/// </summary>
/// <param name="types">What events are read as.</param>
/// <param name="member">Where the value stands; null for all of it.</param>
/// <param name="most">The most changes to keep.</param>
internal sealed class ValueHistory(EventTypeMap types, MemberPath? member, int most)
{
    private readonly RecentChanges<Change> _last = new(most);
    private byte[]? _value;
    private byte[]? _atMark;
    private bool _existedAtMark;
    private byte[]? _named;
    private Change? _newest;
    private EarlierChange? _earlier;

    /// <summary>Where the value stands; null for all of it.</summary>
    public MemberPath? Member => member;

    /// <summary>The position at which the value is remembered, to be compared with what is stored.</summary>
    public long Mark { get; set; } = long.MaxValue;

    /// <summary>The first event behind the mark; null when there was none.</summary>
    public long? FirstAfterMark { get; private set; }

    /// <summary>How many events changed the value.</summary>
    public long Count { get; private set; }

    /// <summary>The last change, also where none are kept, for a search that goes on; null when there was
    /// none.</summary>
    public EarlierChange? Last =>
        _newest is { } change ? new EarlierChange(change.Recorded.Position, change.Rules, change.Before) : _earlier;

    /// <summary>The last change, where it was found by an earlier part of the search; null when it was not.</summary>
    public EarlierChange? LastOfEarlier => _newest is null ? _earlier : null;

    /// <summary>Whether there is a document or state now.</summary>
    public bool Exists { get; private set; }

    /// <summary>Whether there ever was a value.</summary>
    public bool WasSeen { get; private set; }

    /// <summary>The value now; null when there is none.</summary>
    public byte[]? Value => _value;

    /// <summary>Whether there was a document at the mark.</summary>
    public bool ExistedAtMark => FirstAfterMark is null ? Exists : _existedAtMark;

    /// <summary>The value at the mark.</summary>
    public byte[]? AtMark => FirstAfterMark is null ? _value : _atMark;

    /// <summary>The names that stand where the path leads nowhere, in the last state that there was.</summary>
    public IReadOnlyList<string> NamesNearby => member is null || _named is null ? [] : member.NamesNearby(_named);

    /// <summary>The last changes, newest first.</summary>
    public IReadOnlyList<ValueChange> Changes()
    {
        var told = new ValueChange[_last.Count];
        var (i, bytes, text) = (told.Length, default(byte[]), default(string));
        foreach (var change in _last)
        {
            // What one change leaves is what the next one finds: as text only once.
            var before = ReferenceEquals(change.Before, bytes) ? text : Text(change.Before);
            (bytes, text) = (change.After, Text(change.After));
            told[--i] = change.Describe(types, before, text);
        }
        return told;
    }

    /// <summary>The part of a state that is followed; null when nothing stands there.</summary>
    public byte[]? ValueOf(ReadOnlySpan<byte> body) =>
        member is null ? body.ToArray() : member.TryFind(body, out var found) ? found.ToArray() : null;

    /// <summary>Goes on from a state that an earlier search had come to.</summary>
    public void Resume(SearchContinuation from)
    {
        (Exists, Count, WasSeen) = (from.State is not null, from.Changes, from.Changes > 0);
        (_named, _value, _earlier) = (from.State, from.State is null ? null : ValueOf(from.State), from.Last);
    }

    /// <summary>Takes in the state after an event; null when there is none any more.</summary>
    public void Add(RecordedEvent recorded, bool isCorrected, IReadOnlyList<string> rules, byte[]? body)
    {
        if (recorded.Position > Mark && FirstAfterMark is null)
            (FirstAfterMark, _atMark, _existedAtMark) = (recorded.Position, _value, Exists);
        Exists = body is not null;
        _named = body ?? _named;
        var value = body is null ? null : ValueOf(body);
        if (value is null ? _value is null : _value is not null && value.AsSpan().SequenceEqual(_value))
            return;
        WasSeen = true;
        Count++;
        _newest = new Change(recorded, isCorrected, rules, _value, value);
        _last.Add(_newest, recorded, value?.Length ?? 0);
        _value = value;
    }

    /// <summary>JSON as text.</summary>
    public static string? Text(byte[]? json) => json is null ? null : Encoding.UTF8.GetString(json);

    /// <summary>What upcasters made of an event; nothing when it is read as it is stored.</summary>
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
