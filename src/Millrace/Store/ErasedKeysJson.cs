using System.Text.Json.Serialization;

namespace Millrace.Store;

/// <summary>The JSON metadata of the destroyed keys.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ErasedKeys))]
internal sealed partial class ErasedKeysJson : JsonSerializerContext;
