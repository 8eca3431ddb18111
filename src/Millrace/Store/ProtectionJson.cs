using System.Text.Json.Serialization;

namespace Millrace.Store;

/// <summary>The JSON metadata of the declaration.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ProtectionDeclaration))]
internal sealed partial class ProtectionJson : JsonSerializerContext;
