using System.Text.Json.Serialization;

namespace Millrace.KeyManagement;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReencryptionNote))]
[JsonSerializable(typeof(ClaimProtectionNote))]
internal sealed partial class ReencryptionJson : JsonSerializerContext;
