namespace Millrace.Projecting;

/// <summary>The projections of the application.</summary>
/// <param name="All">The projections.</param>
internal sealed record ProjectionDefinitions(IReadOnlyList<ProjectionDefinition> All);
