using Millrace.Consuming;

namespace Millrace.Projecting;

/// <summary>Adds the projections of a model to the node that runs them.</summary>
internal static class ProjectionSetup
{
    /// <summary>
    /// Adds the consumers of asynchronous projections, and the hook that writes inline projections with the events.
    /// </summary>
    public static void Add(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
    {
        AddConsumers(host, definitions);
        var inline = new List<InlineProjection>();
        foreach (var definition in definitions)
        {
            if (definition.Lifecycle == ProjectionLifecycle.Asynchronous)
                RebuildCoordinator.Of(host).Add(definition);
            if (definition.CreateInline(host.Store) is { } inlineProjection)
                inline.Add(inlineProjection);
        }
        if (inline.Count > 0)
            host.Store.Hook = new InlineProjections(inline);
    }

    /// <summary>Adds only the consumers of projections.</summary>
    public static void AddConsumers(ConsumerHost host, IReadOnlyList<ProjectionDefinition> definitions)
    {
        foreach (var definition in definitions)
        {
            definition.RequireIndexedFields();
            if (definition.Expiry is { } expiry)
                host.Store.ReadModels.SetExpiry(definition.Name, expiry);
            if (CreateProcessor(definition, definition.Collection) is { } processor)
                // Not null, because the call above has created a processor.
                host.Add(processor, collection => CreateProcessor(definition, collection)!);
        }

        ConsumerProcessor? CreateProcessor(ProjectionDefinition definition, string collection) =>
            definition.CreateProcessor(host.Store, host.Options, collection);
    }
}
