using System.Text.Json.Serialization;

namespace Millrace.Erasing;

/// <summary>The JSON metadata of the events of erasures.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ErasureNote))]
internal sealed partial class ErasureJson : JsonSerializerContext;
