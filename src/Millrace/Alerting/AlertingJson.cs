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
[JsonSerializable(typeof(EvaluationRecord))]
internal sealed partial class AlertingJson : JsonSerializerContext;
