namespace Millrace.Generators;

/// <summary>An effect that a called method leads to.</summary>
/// <param name="Does">What it does outside, in words.</param>
/// <param name="Where">The method that does it.</param>
internal sealed record IndirectEffect(string Does, string Where);
