namespace Millrace.Projecting;

/// <summary>How recent a result of a read model is.</summary>
/// <param name="Freshness">The freshness.</param>
/// <param name="Reflects">The token of the position that the result reflects at least; none if it is unknown.</param>
/// <param name="Collection">The collection that was read; null for a projection of streams, which has only one.</param>
internal readonly record struct ReadState(Freshness Freshness, ConsistencyToken Reflects, string? Collection)
{
    /// <inheritdoc cref="ConfirmedRead.HasRestarted"/>
    public bool HasRestarted { get; init; }
}
