using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>Specifies the length of the periods of a series, in UTC.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KpiStep>))]
public enum KpiStep
{
    /// <summary>Each point is an hour.</summary>
    [JsonStringEnumMemberName("hour")]
    Hour,

    /// <summary>Each point is a day.</summary>
    [JsonStringEnumMemberName("day")]
    Day,

    /// <summary>Each point is a week, which starts on Monday.</summary>
    [JsonStringEnumMemberName("week")]
    Week,

    /// <summary>Each point is a calendar month.</summary>
    [JsonStringEnumMemberName("month")]
    Month,
}
