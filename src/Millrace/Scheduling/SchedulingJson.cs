using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>How timers and schedules are stored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(TimerRecord))]
[JsonSerializable(typeof(TimerNote))]
[JsonSerializable(typeof(ScheduleRecord))]
internal sealed partial class SchedulingJson : JsonSerializerContext;
