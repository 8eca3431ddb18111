using System.Text.Json.Serialization;

namespace Millrace.Materializing;

/// <summary>The JSON metadata of the state of views.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ViewRecord))]
[JsonSerializable(typeof(ViewUse))]
internal sealed partial class ViewJson : JsonSerializerContext;
