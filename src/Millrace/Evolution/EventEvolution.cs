namespace Millrace.Evolution;

/// <summary>The event types, upcasters, mergers and former names of a model.</summary>
internal sealed record EventEvolution(
    IReadOnlyCollection<EventType> Types,
    IReadOnlyCollection<Upcaster> Upcasters,
    IReadOnlyCollection<(string Former, string Name)> FormerNames)
{
    public IReadOnlyCollection<Merger> Mergers { get; init; } = [];
}
