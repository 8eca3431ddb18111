using System.Text.Json.Serialization;

namespace Millrace.Alerting;

/// <summary>The JSON metadata of stored alerts.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AlertNote))]
[JsonSerializable(typeof(RuleAlerts))]
[JsonSerializable(typeof(ChannelQueue))]
internal sealed partial class AlertingJson : JsonSerializerContext;

/// <summary>The JSON metadata of rules from operators, which refuses unknown members.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(AlertRuleForm))]
internal sealed partial class AlertRuleFormJson : JsonSerializerContext;
