using System.Text.Json.Serialization;

namespace Millrace.Protection;

/// <summary>The JSON metadata of declarations.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(LostKey))]
internal sealed partial class LostKeyJson : JsonSerializerContext;
