namespace Commerce.Tests.Chaos;

/// <summary>Thrown when the shop refuses a valid request.</summary>
internal sealed class ChaosRefusedException(string path, string refusal) : Exception($"{path} was refused: {refusal}");
