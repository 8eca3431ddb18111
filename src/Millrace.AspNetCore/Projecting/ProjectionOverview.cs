using Millrace.AspNetCore.Consuming;
using Millrace.Storage;

namespace Millrace.AspNetCore.Projecting;

/// <summary>Combines the catalog of read models with the status of their consumers.</summary>
internal sealed class ProjectionOverview(RebuildRateTracker pace)
{
    /// <summary>Returns all read models, by name.</summary>
    public async Task<IReadOnlyList<ProjectionView>> List(
        Millrace.Projections projections, CancellationToken cancellationToken)
    {
        var catalog = await projections.Catalog(cancellationToken).ConfigureAwait(false);
        var left = new Dictionary<string, ProjectionStatus>(StringComparer.Ordinal);
        foreach (var status in await projections.List(cancellationToken).ConfigureAwait(false))
            left.Add(status.Collection, status);
        pace.Keep([.. catalog.Select(record => record.Building).OfType<string>()]);
        var views = catalog.Select(record => ViewOf(record, left)).ToList();
        // Collections without a row in the catalog contain inline documents.
        foreach (var (collection, status) in left)
            views.Add(new ProjectionView(NameOf(collection), ViewOf(status), null, null, false, CanBuild: false));
        return [.. views.OrderBy(view => view.Name, StringComparer.Ordinal)];
    }

    /// <summary>Records the start of a rebuild.</summary>
    public void Begin(string collection) => pace.Begin(collection);

    private ProjectionView ViewOf(ReadModelRecord record, Dictionary<string, ProjectionStatus> left)
    {
        var live = Take(left, record.Live);
        var building = Take(left, record.Building);
        var kept = Take(left, record.Kept);
        foreach (var retired in record.Retired)
            left.Remove(retired.Name); // Only nodes of another version use the collection, so no operation is possible.
        var build = building is null ? null : ViewOf(building) with { Progress = pace.Measure(building.Consumer) };
        return new ProjectionView(
            record.Name,
            live is null ? null : ViewOf(live),
            build,
            kept is null ? null : ViewOf(kept),
            record.SwitchesAutomatically,
            CanBuild: true);
    }

    private static ProjectionStatus? Take(Dictionary<string, ProjectionStatus> left, string? collection) =>
        collection is not null && left.Remove(collection, out var status) ? status : null;

    private static CollectionView ViewOf(ProjectionStatus status) =>
        new(status.Collection, status.Documents, ConsumerView.Of(status.Consumer), null);

    private static string NameOf(string collection) =>
        collection.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? collection[..at] : collection;
}
