using System.Text.Json.Serialization;
using Millrace.Storage;

namespace Millrace;

/// <summary>
/// An instance as it is found by its state: what its stream says, in short. Of one that goes on at once the stream may
/// say more: its document is written again only where it is to be found otherwise.
/// </summary>
internal sealed record ProcessRecord
{
    /// <summary>When it has something to do; null when only an event or a person can say.</summary>
    public DateTimeOffset? Due { get; init; }

    public required int Version { get; init; }

    public required string State { get; init; }

    /// <summary>The parts that it is in.</summary>
    public required IReadOnlyList<string> Steps { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public string? Reason { get; init; }

    /// <summary>Whether something is done about it now, and there may be more in its stream.</summary>
    [JsonIgnore]
    public bool IsUnderWay => Due <= ChangedAt;

    /// <summary>
    /// By what it is found, in the order of the collection's fields. By the second, so that the index is not written
    /// with each of the steps of a second: what is shown is told by the document itself.
    /// </summary>
    public FieldValue[] Fields() =>
        [FieldValue.Microseconds(Due), State, FieldValue.Microseconds(Second(ChangedAt)), Version];

    /// <summary>Whether an instance that is under way is found by this as it was.</summary>
    public bool MatchesInstance(ProcessInstance instance) =>
        IsUnderWay && instance.IsUnderWay
        && (Due, State, Second(ChangedAt), Version)
        == (instance.Due, instance.State.ToString(), Second(instance.ChangedAt), instance.Version);

    private static DateTimeOffset Second(DateTimeOffset time) =>
        new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), time.Offset);
}
