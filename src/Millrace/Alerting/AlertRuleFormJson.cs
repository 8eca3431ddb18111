using System.Text.Json.Serialization;

namespace Millrace.Alerting;

/// <summary>The JSON metadata of rules from operators, which refuses unknown members.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AlertRuleForm))]
internal sealed partial class AlertRuleFormJson : JsonSerializerContext;
