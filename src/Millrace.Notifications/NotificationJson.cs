using System.Text.Json.Serialization;

namespace Millrace.Notifications;

/// <summary>The JSON metadata of webhooks: in camel case, without null values.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AlertNotice))]
[JsonSerializable(typeof(CapacityChange))]
[JsonSerializable(typeof(SlackMessage))]
internal sealed partial class NotificationJson : JsonSerializerContext;

/// <summary>A message in the format of Slack's incoming webhooks.</summary>
internal sealed record SlackMessage(string Text);
