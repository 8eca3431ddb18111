namespace Millrace.Generators.Purity;

/// <summary>An effect of a called method.</summary>
/// <param name="Description">A description of the effect.</param>
/// <param name="Method">The method with the effect.</param>
internal sealed record IndirectEffect(string Description, string Method);
