using System.Text.Json.Serialization;
using Millrace.Storage;

namespace Millrace.ProcessManagers;

/// <summary>
/// The document by which an instance is found, which summarizes its stream. While an instance continues immediately,
/// its stream may be newer, because the document is written again only if its index fields change.
/// </summary>
internal sealed record ProcessRecord
{
    /// <summary>Gets the time at which the instance is due; null if it waits for an event or a decision.</summary>
    public DateTimeOffset? Due { get; init; }

    public required int Version { get; init; }

    public required string State { get; init; }

    /// <summary>The current parts.</summary>
    public required IReadOnlyList<string> Steps { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset ChangedAt { get; init; }

    public string? Reason { get; init; }

    /// <summary>Gets whether the instance is running now, so that its stream may be newer.</summary>
    [JsonIgnore]
    public bool IsUnderWay => Due <= ChangedAt;

    /// <summary>
    /// Returns the index fields, in the order of the collection. Times are in whole seconds, so that several steps in a
    /// second do not update the index several times. The document has the exact time.
    /// </summary>
    public FieldValue[] Fields() =>
        [FieldValue.Microseconds(Due), State, FieldValue.Microseconds(Second(ChangedAt)), Version];

    /// <summary>Returns true if a running instance still has the same index fields.</summary>
    public bool MatchesInstance(ProcessInstance instance) =>
        IsUnderWay && instance.IsUnderWay
        && (Due, State, Second(ChangedAt), Version)
        == (instance.Due, instance.State.ToString(), Second(instance.ChangedAt), instance.Version);

    private static DateTimeOffset Second(DateTimeOffset time) =>
        new(time.Ticks - (time.Ticks % TimeSpan.TicksPerSecond), time.Offset);
}
