namespace Millrace;

/// <summary>A measured ratio with its interval of 95 % confidence; 1 means no difference.</summary>
/// <param name="Value">The ratio.</param>
/// <param name="Low">The lower end of the interval.</param>
/// <param name="High">The upper end of the interval.</param>
/// <param name="Verdict">What follows from the interval.</param>
public sealed record TuningRatio(double Value, double Low, double High, TuningVerdict Verdict);
