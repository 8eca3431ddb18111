using System.Text.Json.Serialization;

namespace Millrace.Metrics;

/// <summary>The JSON metadata of the history.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(LatestRecord))]
[JsonSerializable(typeof(PointsRecord))]
internal sealed partial class MetricJson : JsonSerializerContext;
