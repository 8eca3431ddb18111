namespace Millrace;

/// <summary>
/// An answer of a read model with its freshness, regardless of its type. Endpoints use it to separate the two.
/// </summary>
public interface IFreshAnswer
{
    /// <summary>Gets the answer; null if there is none.</summary>
    object? Answer { get; }

    /// <summary>Gets whether the answer reflects the requested token.</summary>
    Freshness Freshness { get; }
}
