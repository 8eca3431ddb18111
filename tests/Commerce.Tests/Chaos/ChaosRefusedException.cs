namespace Commerce.Tests.Chaos;

/// <summary>The shop refused what it had to take.</summary>
internal sealed class ChaosRefusedException(string path, string refusal) : Exception($"{path} was refused: {refusal}");
