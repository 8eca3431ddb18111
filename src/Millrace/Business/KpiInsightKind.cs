using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>Specifies what an insight is about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KpiInsightKind>))]
public enum KpiInsightKind
{
    /// <summary>A single event with an unusually large value.</summary>
    [JsonStringEnumMemberName("largest-event")]
    LargestEvent,

    /// <summary>The day with the highest value.</summary>
    [JsonStringEnumMemberName("busiest-day")]
    BusiestDay,

    /// <summary>The hour with the highest value.</summary>
    [JsonStringEnumMemberName("busiest-hour")]
    BusiestHour,

    /// <summary>The change against the same time before.</summary>
    [JsonStringEnumMemberName("change")]
    Change,

    /// <summary>The change against the median of earlier weeks.</summary>
    [JsonStringEnumMemberName("usual-change")]
    UsualChange,

    /// <summary>The change against the same week of the year before.</summary>
    [JsonStringEnumMemberName("year-change")]
    YearChange,

    /// <summary>The direction of several weeks.</summary>
    [JsonStringEnumMemberName("trend")]
    Trend,

    /// <summary>A member of a dimension that had no value in earlier weeks.</summary>
    [JsonStringEnumMemberName("new-member")]
    NewMember,

    /// <summary>A member of a dimension that has no value any more.</summary>
    [JsonStringEnumMemberName("vanished-member")]
    VanishedMember,

    /// <summary>The share of a member that reduces the figure, such as cancellations.</summary>
    [JsonStringEnumMemberName("reduction")]
    Reduction,
}
