namespace Millrace;

/// <summary>A recommended setting.</summary>
/// <param name="Name">The name of the setting in the configuration, such as <c>Millrace:Consumers:Workers</c>, or what
/// to change in the code.</param>
/// <param name="Value">The recommended value.</param>
/// <param name="Reason">The measurement that it follows from.</param>
public sealed record TuningAdvice(string Name, string Value, string Reason);
