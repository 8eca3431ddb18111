namespace Millrace.Generators.Purity;

/// <summary>An effect of a called method.</summary>
/// <param name="Does">A description of the effect.</param>
/// <param name="Where">The method with the effect.</param>
internal sealed record IndirectEffect(string Does, string Where);
