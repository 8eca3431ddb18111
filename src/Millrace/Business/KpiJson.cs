using System.Text.Json.Serialization;

namespace Millrace.Business;

/// <summary>The JSON metadata of the stored business figures.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KpiBucket))]
internal sealed partial class KpiJson : JsonSerializerContext;
