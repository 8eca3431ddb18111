using Millrace.Consuming;

namespace Millrace.Materializing.Immediate;

/// <summary>The immediate views of a store on a node. They follow the projections that run here.</summary>
internal sealed class ImmediateViews
{
    private readonly Lock _lock = new();
    private readonly List<ImmediateFollower> _running = [];
    private readonly ViewServices _services;

    private ImmediateViews(ViewServices services, IReadOnlyList<HostedImmediate> views) =>
        (_services, All) = (services, views);

    public IReadOnlyList<HostedImmediate> All { get; }

    /// <summary>Creates the views, and makes them follow the projections of the node.</summary>
    /// <exception cref="ViewDeclarationException">A view has no asynchronous projection with one partition.</exception>
    public static ImmediateViews Create(ViewServices services, IReadOnlyList<ImmediateComputation> views)
    {
        var all = new ImmediateViews(
            services,
            [
                .. views.Select(view => new HostedImmediate(
                    view, ProjectionOf(view, services.Projections, services.Host.Options), services)),
            ]);
        if (all.All.Count > 0)
            services.Host.FollowDocuments(all.Follow);
        return all;
    }

    /// <summary>Returns whether this node declares the view of a record.</summary>
    public bool Declares(ViewRecord record) =>
        record.Sources is [var source] && All.Any(view => view.View.KeyOf(source) == record.Key);

    /// <summary>Makes the views that follow a projection here inspect the stored requests soon.</summary>
    public void CheckSoon()
    {
        ImmediateFollower[] running;
        lock (_lock)
            running = [.. _running];
        foreach (var view in running)
            view.CheckSoon();
    }

    private static ProjectionDefinition ProjectionOf(
        ImmediateComputation view, IReadOnlyList<ProjectionDefinition> projections, ConsumerOptions options)
    {
        var found = projections
            .Where(projection => view.Reads(projection)
                && (view.Projection is null || projection.Name == view.Projection))
            .ToArray();
        if (found.Length == 0)
            throw new ViewDeclarationException(
                view.Name,
                $"the application has no projection{(view.Projection is { } name ? $" '{name}'" : "")} of "
                    + $"{view.DocumentType.Name} with keys of {view.DocumentKeyType.Name}. Add it to the model.");
        if (found.Length > 1)
            throw new ViewDeclarationException(
                view.Name,
                $"several projections have such documents: {string.Join(", ", found.Select(one => one.Name))}. "
                    + "Override Projection with the name of one of them.");
        var only = found[0];
        if (only.Lifecycle != ProjectionLifecycle.Asynchronous)
            throw new ViewDeclarationException(
                view.Name,
                $"the projection '{only.Name}' is {only.Lifecycle.ToString().ToLowerInvariant()}. Immediate views "
                    + "need an asynchronous projection; use MaterializedView for others.");
        if (options.PartitionsOf(only.Collection) is > 1 and var partitions)
            throw new ViewDeclarationException(
                view.Name,
                $"the projection '{only.Name}' is divided into {partitions} partitions by the options of the "
                    + "consumers. Immediate views need one partition; use MaterializedView for others.");
        return only;
    }

    /// <summary>
    /// Returns the follower of a run; null if no view follows the consumer. Several partitions would change the row of
    /// a group at the same time, so a divided projection has none. Its commits then have other lease epochs than the
    /// states of the views.
    /// </summary>
    private ImmediateFollowers? Follow(Consumer consumer)
    {
        if (consumer.IsDivided)
            return null;
        ImmediateFollower[] views =
        [
            .. All.Where(view => view.IsWrittenTo(consumer.Name))
                .Select(view => new ImmediateFollower(view, consumer.Name)),
        ];
        if (views.Length == 0)
            return null;
        lock (_lock)
            _running.AddRange(views);
        return new ImmediateFollowers(_services.Store, consumer.Name, views, () => Remove(views));
    }

    private void Remove(ImmediateFollower[] views)
    {
        lock (_lock)
            _running.RemoveAll(views.Contains);
    }
}
