namespace Millrace;

/// <summary>Thrown when bytes are not the state of an <see cref="AnomalyDetector"/> of this version.</summary>
public sealed class AnomalyStateException(string problem)
    : MillraceException(
        $"The bytes are not the state of an anomaly detector: {problem}. Load the bytes that Save has returned, "
            + "or create a new detector and add the values of the series again.")
{
    /// <summary>Gets what is wrong with the bytes.</summary>
    public string Problem { get; } = problem;
}
