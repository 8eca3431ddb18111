using Millrace.AspNetCore.Consuming;
using Millrace.Storage;

namespace Millrace.AspNetCore.Projecting;

/// <summary>Combines the catalog of read models with the status of their consumers.</summary>
internal sealed class ProjectionOverview(RebuildRateTracker pace)
{
    /// <summary>Returns all read models, by name; with shards, once for each available shard.</summary>
    public async Task<IReadOnlyList<ProjectionView>> List(
        Millrace.Projections projections, CancellationToken cancellationToken)
    {
        var catalog = await projections.Catalog(cancellationToken).ConfigureAwait(false);
        var left = new Dictionary<(string? Shard, string Collection), ProjectionStatus>();
        foreach (var status in await projections.List(cancellationToken).ConfigureAwait(false))
            left.Add((status.Shard, status.Collection), status);
        pace.Keep([
            .. catalog.Where(static record => record.Building is not null)
                .Select(static record => (record.Shard, record.Building!)), // Not null after the filter.
        ]);
        var views = catalog.Select(record => ViewOf(record, left)).ToList();
        // Collections without a row in the catalog contain inline documents.
        foreach (var ((shard, collection), status) in left)
            views.Add(
                new ProjectionView(NameOf(collection), shard, ViewOf(status), null, null, false, CanBuild: false));
        return [.. views.OrderBy(view => view.Name, StringComparer.Ordinal)];
    }

    /// <summary>Records the start of the rebuilds of a read model.</summary>
    public async Task Begin(Millrace.Projections projections, string name, CancellationToken cancellationToken)
    {
        foreach (var record in await projections.Catalog(cancellationToken).ConfigureAwait(false))
        {
            if (record.Name == name && record.Building is { } building)
                pace.Begin(record.Shard, building);
        }
    }

    private ProjectionView ViewOf(
        ReadModelRecord record, Dictionary<(string? Shard, string Collection), ProjectionStatus> left)
    {
        var live = Take(left, record.Shard, record.Live);
        var building = Take(left, record.Shard, record.Building);
        var kept = Take(left, record.Shard, record.Kept);
        foreach (var retired in record.Retired)
            // Only nodes of another version use the collection, so no operation is possible.
            left.Remove((record.Shard, retired.Name));
        var build = building is null ? null : ViewOf(building) with { Progress = pace.Measure(building.Consumer) };
        return new ProjectionView(
            record.Name,
            record.Shard,
            live is null ? null : ViewOf(live),
            build,
            kept is null ? null : ViewOf(kept),
            record.SwitchesAutomatically,
            CanBuild: true);
    }

    private static ProjectionStatus? Take(
        Dictionary<(string? Shard, string Collection), ProjectionStatus> left, string? shard, string? collection) =>
        collection is not null && left.Remove((shard, collection), out var status) ? status : null;

    private static CollectionView ViewOf(ProjectionStatus status) =>
        new(status.Collection, status.Documents, ConsumerView.Of(status.Consumer), null);

    private static string NameOf(string collection) =>
        collection.IndexOf('@', StringComparison.Ordinal) is > 0 and var at ? collection[..at] : collection;
}
