namespace Millrace.Projecting;

/// <summary>What is known about documents after they were read.</summary>
/// <param name="Freshness">The freshness.</param>
/// <param name="Position">The position that the consumer had reached. It can be later than the documents.</param>
/// <param name="Reflects">The position that the documents reflect at least; 0 if it is unknown.</param>
internal readonly record struct ConfirmedRead(Freshness Freshness, long Position, long Reflects)
{
    /// <summary>Gets whether the consumer started again during the read, here or on another node.</summary>
    public bool HasRestarted { get; init; }
}
