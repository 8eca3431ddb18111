using System.Text.Json.Serialization;

namespace Millrace.Tuning;

/// <summary>The JSON of the stored report.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TuningReport))]
[JsonSerializable(typeof(TuningCancellation))]
internal sealed partial class TuningJson : JsonSerializerContext;
