namespace Millrace;

/// <summary>An answer of a read model with its freshness, whatever its type: for edges, which tell the two
/// apart.</summary>
public interface IFreshAnswer
{
    /// <summary>The answer; null when there is none.</summary>
    object? Answer { get; }

    /// <summary>Whether it reflects what was asked for.</summary>
    Freshness Freshness { get; }
}
