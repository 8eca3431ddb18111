namespace Millrace;

/// <summary>
/// An answer of a read model with its freshness, independent of the type of the answer. Endpoints use this interface to
/// separate the answer from its freshness.
/// </summary>
public interface IFreshAnswer
{
    /// <summary>Gets the answer; null if the read model has no answer.</summary>
    object? Answer { get; }

    /// <summary>Gets the freshness, which indicates whether the answer reflects the requested token.</summary>
    Freshness Freshness { get; }
}
