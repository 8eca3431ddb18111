using System.Text.Json.Serialization;

namespace Millrace.Recovering;

/// <summary>The JSON metadata of stored cases and steps.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(RecoveryNote))]
[JsonSerializable(typeof(RecoveryRecord))]
[JsonSerializable(typeof(RecoveryInfo))]
internal sealed partial class RecoveryJson : JsonSerializerContext;
