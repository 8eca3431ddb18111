using System.Text.Json.Serialization;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>
/// The state of a declaration of a view, as one document: the collection that readers use, what its rows reflect, and
/// the refresh that is running. A refresh ends with one write of this document, so readers find the old or the new
/// rows.
/// </summary>
internal sealed record ViewRecord
{
    /// <summary>Gets the name of the view.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the version.</summary>
    public required int Version { get; init; }

    /// <summary>Gets the policy, as a text for tools.</summary>
    public string Policy { get; init; } = "";

    /// <summary>Gets what computes the rows, such as <c>sql</c> or <c>group</c>; null for code.</summary>
    public string? Query { get; init; }

    /// <summary>Gets the hash of the declaration.</summary>
    public required string Declaration { get; init; }

    /// <summary>Gets the collection that readers use; null before the first refresh.</summary>
    public string? Live { get; init; }

    /// <summary>Gets the collection that is being filled, or that an interrupted refresh left behind.</summary>
    public string? Building { get; init; }

    /// <summary>Gets the former collections that are not removed yet.</summary>
    public IReadOnlyList<ReplacedCollection> Replaced { get; init; } = [];

    /// <summary>Gets the number in the name of the last collection. Names are never used again.</summary>
    public long Builds { get; init; }

    /// <summary>Gets the token of the lock under which the last refresh started.</summary>
    public long Fence { get; init; }

    /// <summary>Gets the epoch of the log that the rows reflect.</summary>
    public long LogEpoch { get; init; }

    /// <summary>Gets the position of the log that the rows reflect at least.</summary>
    public long Position { get; init; }

    /// <summary>Gets the number of events that were missing from the read models because of dead letters.</summary>
    public long BlockedEvents { get; init; }

    /// <summary>Gets the collections of read models from which the rows were computed.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Gets the time at which the refresh of the rows started, by the clock of the storage.</summary>
    public DateTimeOffset? RefreshedAt { get; init; }

    /// <summary>Gets the number of rows.</summary>
    public long Rows { get; init; }

    /// <summary>Gets the duration of the last refresh in seconds.</summary>
    public double DurationSeconds { get; init; }

    /// <summary>Gets the time of a request for a refresh.</summary>
    public DateTimeOffset? RequestedAt { get; init; }

    /// <summary>Gets the number of failed refreshes since the last successful one.</summary>
    public int Failures { get; init; }

    /// <summary>Gets the time of the last failed refresh.</summary>
    public DateTimeOffset? FailedAt { get; init; }

    /// <summary>Gets the error of the last failed refresh; null after a successful one.</summary>
    public string? Error { get; init; }

    /// <summary>Gets whether the document cannot be read. Then only the key and the error are known.</summary>
    [JsonIgnore]
    public bool IsDamaged { get; init; }

    /// <summary>Returns the state in place of a document that cannot be read.</summary>
    public static ViewRecord Damaged(string key, string error)
    {
        var hash = key.LastIndexOf('.');
        return new ViewRecord
        {
            Name = CollectionName.NameOf(key),
            Version = CollectionName.VersionOf(key),
            Declaration = hash < 0 ? "" : key[(hash + 1)..],
            Error = error,
            Failures = 1,
            IsDamaged = true,
        };
    }

    /// <summary>Gets all collections that belong to the state.</summary>
    [JsonIgnore]
    public IEnumerable<string> Collections
    {
        get
        {
            string?[] current = [Live, Building];
            return [.. current.OfType<string>(), .. Replaced.Select(replaced => replaced.Name)];
        }
    }

    /// <summary>Gets the key of the document.</summary>
    [JsonIgnore]
    public string Key => KeyOf(Name, Version, Declaration);

    /// <summary>
    /// Returns the key of the document. The hash of the declaration is part of it, so that nodes that declare a version
    /// differently do not replace each other's rows.
    /// </summary>
    public static string KeyOf(string name, int version, string declaration) =>
        $"{CollectionName.Of(name, version)}.{declaration}";

    /// <summary>Gets the end of the pause after failed refreshes; null if none failed.</summary>
    [JsonIgnore]
    public DateTimeOffset? PausedUntil => FailedAt + RefreshSchedule.RetryDelayAfter(Failures);

    /// <summary>Returns whether a refresh was requested after a moment, and no later one has answered it.</summary>
    public bool IsRequestedAfter(DateTimeOffset moment) => RequestedAt > moment;

    /// <summary>Returns whether the pause after failed refreshes is not over.</summary>
    public bool IsPausedAt(DateTimeOffset now) => now < PausedUntil;
}
