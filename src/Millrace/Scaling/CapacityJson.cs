using System.Text.Json.Serialization;

namespace Millrace.Scaling;

/// <summary>The JSON of the stored number of nodes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CapacityRecord))]
internal sealed partial class CapacityJson : JsonSerializerContext;
