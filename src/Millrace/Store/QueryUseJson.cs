using System.Text.Json.Serialization;

namespace Millrace.Store;

/// <summary>The JSON metadata of stored query shapes.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(QueryUse))]
[JsonSerializable(typeof(QueryDay))]
internal sealed partial class QueryUseJson : JsonSerializerContext;
