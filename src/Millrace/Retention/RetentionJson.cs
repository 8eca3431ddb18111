using System.Text.Json.Serialization;

namespace Millrace.Retention;

/// <summary>The JSON metadata of the events of retention.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(RetentionNote))]
internal sealed partial class RetentionJson : JsonSerializerContext;
