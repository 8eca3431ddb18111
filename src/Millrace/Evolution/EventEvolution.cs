namespace Millrace;

/// <summary>All that a model says about its events and how they came to be as they are.</summary>
internal sealed record EventEvolution(
    IReadOnlyCollection<EventType> Types,
    IReadOnlyCollection<Upcaster> Upcasters,
    IReadOnlyCollection<(string Former, string Name)> FormerNames)
{
    public IReadOnlyCollection<Merger> Mergers { get; init; } = [];
}
