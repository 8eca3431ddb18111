using System.Text.Json.Serialization;

namespace Millrace.KeyManagement;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReencryptionNote))]
internal sealed partial class ReencryptionJson : JsonSerializerContext;
