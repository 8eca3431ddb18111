using System.Text.Json.Serialization;

namespace Millrace;

/// <summary>Specifies how the values of a business figure are combined.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<KpiKind>))]
public enum KpiKind
{
    /// <summary>The exact sum of the values, such as revenue.</summary>
    [JsonStringEnumMemberName("sum")]
    Sum,

    /// <summary>The number of things, such as orders. It is a sum of numbers.</summary>
    [JsonStringEnumMemberName("count")]
    Count,

    /// <summary>The mean of the values, such as the satisfaction of customers.</summary>
    [JsonStringEnumMemberName("mean")]
    Mean,

    /// <summary>A part of a whole, such as availability.</summary>
    [JsonStringEnumMemberName("ratio")]
    Ratio,

    /// <summary>The mean of durations in seconds, with percentiles.</summary>
    [JsonStringEnumMemberName("duration")]
    Duration,
}
