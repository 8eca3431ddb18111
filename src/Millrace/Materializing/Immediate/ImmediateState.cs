using System.Text.Json.Serialization;

namespace Millrace.Materializing.Immediate;

/// <summary>
/// The state of an immediate view for a collection of its read model, as one document. It changes in the commits of the
/// projection, under the projection's lease, together with the rows.
/// </summary>
internal sealed record ImmediateState
{
    /// <summary>Gets the rows that are read; null if there are none yet, or they are not valid.</summary>
    public ImmediateRows? Live { get; init; }

    /// <summary>Gets the rows that are being built; null if no build is running.</summary>
    public ImmediateRows? Build { get; init; }

    /// <summary>Gets whether the view failed. Its rows were then removed from the state.</summary>
    public bool HasFailed { get; init; }

    /// <summary>Gets whether later commits of the same run did not include the rows.</summary>
    public bool IsUnfollowed { get; init; }

    /// <summary>Gets the rows of the state.</summary>
    [JsonIgnore]
    public IEnumerable<ImmediateRows> Rows => new[] { Live, Build }.OfType<ImmediateRows>();

    /// <summary>Returns the state with a function applied to both collections of rows.</summary>
    public ImmediateState With(Func<ImmediateRows, ImmediateRows?> change) => this with
    {
        Live = Live is null ? null : change(Live),
        Build = Build is null ? null : change(Build),
    };

    /// <summary>
    /// Returns the state with which a run of the projection continues. Rows continue if all commits since their last
    /// change included them. Rows that another program did not change remain readable, as old rows, unless the
    /// documents started again.
    /// </summary>
    public ImmediateState ContinueWith(ImmediateRun run, IReadOnlyCollection<string> listed) => this with
    {
        Live = Live is { } live && listed.Contains(live.Collection)
            ? live.ContinueWith(run) ?? (live.IsOlderThan(run) ? live : null)
            : null,
        Build = Build is { } build && listed.Contains(build.Collection) ? build.ContinueWith(run) : null,
    };
}
