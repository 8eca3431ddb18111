using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>How locks and fences are stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LockRecord))]
[JsonSerializable(typeof(FenceRecord))]
internal sealed partial class LockingJson : JsonSerializerContext;
