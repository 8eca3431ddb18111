using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>How instances are stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(ServiceRecord))]
internal sealed partial class DiscoveryJson : JsonSerializerContext;
