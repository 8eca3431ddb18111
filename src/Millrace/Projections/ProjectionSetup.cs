namespace Millrace;

/// <summary>Brings the projections of a model to the node that runs them.</summary>
internal static class ProjectionSetup
{
    /// <summary>Adds the consumers of asynchronous projections, and has inline ones written with the events.</summary>
    public static void Add(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
    {
        AddConsumers(host, definitions);
        var inline = new List<InlineProjection>();
        foreach (var definition in definitions)
        {
            if (definition.Lifecycle == ProjectionLifecycle.Asynchronous)
                RebuildCoordinator.Of(host).Add(definition);
            if (definition.CreateInline(host.Store) is { } one)
                inline.Add(one);
        }
        if (inline.Count > 0)
            host.Store.Hook = new InlineProjections(inline);
    }

    /// <summary>Adds the consumers of projections, and nothing that writes with the events.</summary>
    public static void AddConsumers(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
    {
        foreach (var definition in definitions)
        {
            if (CreateProcessor(definition, definition.Collection) is { } work)
                host.Add(work, collection => CreateProcessor(definition, collection)!); // It made one just now.
        }

        ConsumerProcessor? CreateProcessor(ProjectionDefinition definition, string collection) =>
            definition.CreateProcessor(host.Store, host.Options, collection);
    }
}
