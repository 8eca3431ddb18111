using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>What an <see cref="AnomalyDetector"/> reports about one value.</summary>
/// <param name="Score">
/// How unusual the value is: 0 for a usual one, 0.5 or more for an unusual one, and always less than 1.
/// </param>
/// <param name="IsAnomaly">
/// True at the first value of an anomaly. Unusual values belong to the same anomaly if they follow within 12 hours and
/// within 150 values, or a twentieth of all values so far if that is less.
/// </param>
/// <param name="Expected">What was expected; null until the detector has learned enough.</param>
/// <param name="Signal">What contributes most to the score.</param>
public readonly record struct AnomalyResult(
    double Score, bool IsAnomaly, ExpectedRange? Expected, AnomalySignal Signal);

/// <summary>The values that are usual at a time.</summary>
/// <param name="Lower">The lower end. It is not below 0 if the series never was.</param>
/// <param name="Value">The most likely value.</param>
/// <param name="Upper">The upper end.</param>
public readonly record struct ExpectedRange(double Lower, double Value, double Upper);

/// <summary>The ways in which a series can be unusual.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AnomalySignal>))]
public enum AnomalySignal
{
    /// <summary>Nothing is unusual.</summary>
    [JsonStringEnumMemberName("none")]
    None = 0,

    /// <summary>The value is far from what is expected at this time.</summary>
    [JsonStringEnumMemberName("value")]
    Value = 1,

    /// <summary>The last values together are above or below what is expected.</summary>
    [JsonStringEnumMemberName("level")]
    Level = 2,

    /// <summary>The course of the last values resembles nothing in the past.</summary>
    [JsonStringEnumMemberName("pattern")]
    Pattern = 3,

    /// <summary>The last values vary much less than before.</summary>
    [JsonStringEnumMemberName("stillness")]
    Stillness = 4,
}
